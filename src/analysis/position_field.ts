/** Exact receptive field of a single output position. */
import { intervalAt, type Interval } from './axis_field.js';
import { extentOf, type Axes, type FieldOfCall, type FieldTrace } from './field_trace.js';

/** Receptive field of one position, in pixels of the image. */
export interface TheoreticalField {
  /** First row; below 0 in the padding. */
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** True if it also depends on the whole image. */
  readonly global: boolean;
  /** True if a deformable layer can sample outside it. */
  readonly dataDependent: boolean;
}

/** Field of one output position of a call; null if it is unknown. */
export function fieldAt({ imageSize }: FieldTrace, call: FieldOfCall, position: Axes): TheoreticalField | null {
  if (call.output === undefined) return null;
  const { phases, global, dataDependent } = call.output;
  // Without positions of its own, an output depends on the whole image.
  const along = (axis: 0 | 1): Interval =>
    call.placed ? intervalAt(phases[axis], position[axis]) : [0, imageSize[axis] - 1];
  const [rows, columns] = [along(0), along(1)];
  return {
    top: rows?.[0] ?? 0,
    left: columns?.[0] ?? 0,
    height: extentOf(rows),
    width: extentOf(columns),
    global,
    dataDependent,
  };
}
