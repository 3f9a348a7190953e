/** A board to draw on with a mouse, a pen or a finger. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const SIDE = 280;
/** About what a pen of the training digits would be at this size. */
const PEN = 24;

interface Props {
  readonly onDrawing: (image: ImageData) => void;
}

export function DrawingBoard({ onDrawing }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const context = (): CanvasRenderingContext2D => canvas.current!.getContext('2d', { willReadFrequently: true })!;
  const clear = (): void => {
    context().fillStyle = 'black';
    context().fillRect(0, 0, SIDE, SIDE);
  };
  useEffect(clear, []);

  const place = ({ offsetX, offsetY }: PointerEvent): readonly [number, number] => {
    const { clientWidth, clientHeight } = canvas.current!;
    return [(offsetX * SIDE) / clientWidth, (offsetY * SIDE) / clientHeight];
  };
  const begin = (event: PointerEvent): void => {
    canvas.current!.setPointerCapture(event.pointerId);
    Object.assign(context(), { strokeStyle: 'white', lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    context().beginPath();
    context().moveTo(...place(event));
    draw(event);
  };
  const draw = (event: PointerEvent): void => {
    if (!canvas.current!.hasPointerCapture(event.pointerId)) return;
    context().lineTo(...place(event));
    context().stroke();
    onDrawing(context().getImageData(0, 0, SIDE, SIDE));
  };
  return (
    <div class="see-tool">
      <canvas
        ref={canvas}
        class="see-board"
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Drawing board, for a mouse, a pen or a finger. Without one, choose a test digit or a file."
        onPointerDown={begin}
        onPointerMove={draw}
      />
      <div class="see-row">
        <span class="see-quiet">Draw a digit; the networks read along.</span>
        <button onClick={clear}>Clear</button>
      </div>
    </div>
  );
}
