/** Pooling windows: the pixels of every output position along each axis, computed once. */
import { Axis, describeForward, spanBytes } from './depthwise_axis';
import { Geometry } from './geometry';

/** Scratch memory in bytes for every pooling kernel. */
export function poolScratch(g: Geometry): f64 {
  return <f64>(<u64>(2 * offsetof<Axis>()) + spanBytes(g.outHeight) + spanBytes(g.outWidth));
}

/** Fills both axes; spans then give the first pixel of a window and the number of pixels. */
@inline
export function openWindows(g: Geometry, scratch: usize): void {
  describeForward(g, rowsAt(scratch), columnsAt(scratch), scratch + 2 * offsetof<Axis>());
}

@inline
export function rowsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch);
}

@inline
export function columnsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch + offsetof<Axis>());
}
