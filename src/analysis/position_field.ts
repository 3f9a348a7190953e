/**
 * What one output position sees of the image: exactly, where no layer enlarges; behind one that does, at most.
 *
 * Rows lo to hi of an output read rows ⌊lo·s⌋ − p to ⌈hi·s⌉ − p + k̂ − 1 of an input. Followed from the output back, the
 * reads of all branches together, so that borders are those of the widest on either side.
 */
import type { LayerWindow } from '../layers/description.js';
import { spatialSize, type Axes, type FieldOfCall, type FieldTrace } from './field_trace.js';

/** First and last row, or column. */
type Range = readonly [number, number];

/** Rows and columns. */
type Ranges = readonly [Range, Range];

/** A receptive field at its place, in pixels of the image. */
export interface TheoreticalField {
  /** First row; below 0 in the padding. */
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Whether a path sees the whole image besides. */
  readonly global: boolean;
  /** Whether a deformable layer can look beside it. */
  readonly dataDependent: boolean;
}

/** The field of one output position of a call; null where nobody knows it. */
export function fieldAt(trace: FieldTrace, call: FieldOfCall, position: Axes): TheoreticalField | null {
  if (call.output === undefined) return null;
  const { global, dataDependent } = call.output;
  const ranges = new Map<number, Ranges>([[call.targets[0]!, [point(position[0]), point(position[1])]]]);
  for (const step of trace.calls.slice(0, call.index + 1).reverse()) {
    const read = step.targets.map((id) => ranges.get(id)).find((known) => known !== undefined);
    if (read === undefined) continue;
    step.sources.forEach(({ id, shape, layout, field, placed }, index) => {
      const window = step.windows![index]!;
      if (field === undefined || window.sizeOnly === true) return;
      // A gate that is made of the whole image adds nothing to what is seen around a place of it.
      if (step.placed && !placed) return;
      const keepsPlaces = shape.length === 4 && step.outputShape.length === 4;
      const size = spatialSize(shape, layout);
      const seen = keepsPlaces ? through(read, window) : ([whole(size[0]), whole(size[1])] as const);
      const known = ranges.get(id);
      ranges.set(id, known === undefined ? seen : [hull(known[0], seen[0]), hull(known[1], seen[1])]);
    });
  }
  const [[top, bottom], [left, right]] = ranges.get(trace.image)!;
  return { top, left, height: bottom - top + 1, width: right - left + 1, global, dataDependent };
}

function through(read: Ranges, { size, strides, padding }: LayerWindow): Ranges {
  const along = (axis: 0 | 1): Range => {
    const [first, last] = read[axis];
    return [
      Math.floor(first * strides[axis] - padding[axis]),
      Math.ceil(last * strides[axis] - padding[axis]) + size[axis] - 1,
    ];
  };
  return [along(0), along(1)];
}

function point(place: number): Range {
  return [place, place];
}

function whole(size: number): Range {
  return [0, size - 1];
}

function hull(a: Range, b: Range): Range {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}
