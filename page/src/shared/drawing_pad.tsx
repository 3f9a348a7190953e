/** A black square to draw on in white, with mouse, finger or pen. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const SIDE = 224;
const LINE = 18;

export function DrawingPad({ onDrawn }: { readonly onDrawn: (picture: Blob) => void }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [number, number] | undefined>(undefined);
  const clear = (): void => {
    const context = canvas.current!.getContext('2d')!;
    context.fillStyle = 'black';
    context.fillRect(0, 0, SIDE, SIDE);
  };
  useEffect(clear, []);

  const locationOf = ({ clientX, clientY }: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
  };
  const drawTo = (event: PointerEvent): void => {
    if (!last.current || !event.isPrimary) return;
    const context = canvas.current!.getContext('2d')!;
    context.strokeStyle = 'white';
    context.lineWidth = LINE;
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(...last.current);
    last.current = locationOf(event);
    context.lineTo(...last.current);
    context.stroke();
  };
  /** The browser cancels a pointer when it needs it for something else. */
  const end = (event: PointerEvent): void => {
    if (!last.current || !event.isPrimary) return;
    last.current = undefined;
    canvas.current!.toBlob((picture) => picture && onDrawn(picture));
  };
  return (
    <div class="drawing">
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Square to draw in; without a pointer, try an image of a file"
        onPointerDown={(event) => {
          // A second finger would join the lines of both.
          if (!event.isPrimary || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = locationOf(event);
          drawTo(event);
        }}
        onPointerMove={drawTo}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <button type="button" onClick={clear}>
        Clear
      </button>
    </div>
  );
}
