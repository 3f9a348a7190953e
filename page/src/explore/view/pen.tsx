/** Draws on the input with mouse, finger or keyboard. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { useTexts } from '../texts/use_texts.js';
import { DIRECTIONS, pointIn } from './handle.js';
import { cornerOf, EDGE, type Frame } from './plane.js';

export interface PenProps {
  readonly frame: Frame;
  /** Tests whether a cell has ink. */
  readonly hasInk: (cell: Place) => boolean;
  readonly onPaint: (cell: Place, ink: number) => void;
}

export function Pen({ frame, hasInk, onPaint }: PenProps): JSX.Element {
  const texts = useTexts();
  const [at, setAt] = useState<Place>([0, 0]);
  /** Ink of the stroke under way: the first cell decides whether it draws or erases. */
  const stroke = useRef<number>(undefined);
  const { size, padding, cell } = frame;
  const pen: Place = [Math.min(at[0], size[0] - 1), Math.min(at[1], size[1] - 1)];
  const [top, left] = cornerOf(frame, [0, 0]);
  const [y, x] = cornerOf(frame, pen);
  const cellAt = (event: PointerEvent): Place | undefined => {
    const point = pointIn(event);
    const place = [
      Math.floor((point.y - EDGE) / cell) - padding[0][0],
      Math.floor((point.x - EDGE) / cell) - padding[1][0],
    ] as const;
    return place.every((part, axis) => part >= 0 && part < size[axis]!) ? place : undefined;
  };
  const draw = (event: PointerEvent): void => {
    const place = cellAt(event);
    if (stroke.current !== undefined && place !== undefined) onPaint(place, stroke.current);
  };
  return (
    <g
      class="pen"
      role="button"
      tabindex={0}
      aria-label={texts.pen(pen, hasInk(pen))}
      onPointerDown={(event) => {
        const place = cellAt(event);
        if (place === undefined) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        stroke.current = hasInk(place) ? 0 : 1;
        setAt(place);
        draw(event);
      }}
      onPointerMove={draw}
      onPointerUp={() => (stroke.current = undefined)}
      onPointerCancel={() => (stroke.current = undefined)}
      onKeyDown={(event) => {
        const direction = DIRECTIONS[event.key];
        if (event.key !== ' ' && direction === undefined) return;
        event.preventDefault();
        if (direction === undefined) {
          onPaint(pen, hasInk(pen) ? 0 : 1);
          return;
        }

        setAt(
          pen.map((part, axis) => Math.max(0, Math.min(part + direction[axis]!, size[axis]! - 1))) as [number, number],
        );
      }}
    >
      <rect class="paper" x={left} y={top} width={size[1] * cell} height={size[0] * cell} />
      <rect class="nib" {...{ x, y }} width={cell} height={cell} />
    </g>
  );
}
