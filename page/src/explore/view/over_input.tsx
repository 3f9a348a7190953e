/** Elements over the input that take the pointer: a pen for drawings, and the taps or bins that can be dragged. */
import type { JSX } from 'preact';
import { inkOf } from '../model/inputs.js';
import type { View } from '../model/use_view.js';
import type { Dragging } from './dragging.js';
import { Pen } from './pen.js';
import type { Frame } from './plane.js';

export interface OverInputProps {
  readonly frame: Frame;
  readonly view: View;
  readonly isDrawing: boolean;
  readonly dragging: Dragging | undefined;
}

export function OverInput({ frame, view, isDrawing, dragging }: OverInputProps): JSX.Element {
  const { valid, paint } = view;
  return (
    <>
      {isDrawing ? (
        <Pen frame={frame} hasInk={([y, x]) => inkOf(valid)[y * valid.width + x] === 1} onPaint={paint} />
      ) : null}
      {dragging?.handles(frame)}
    </>
  );
}
