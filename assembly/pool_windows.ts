/** The windows of a pooling: along each axis the pixels that every output position holds, worked out once. */
import { Axis, describeForward, spanBytes } from './depthwise_axis';
import { Geometry } from './geometry';

/** Bytes of scratch memory that each of the pooling kernels needs. */
export function poolScratch(g: Geometry): f64 {
  return <f64>(<u64>(2 * offsetof<Axis>()) + spanBytes(g.outHeight) + spanBytes(g.outWidth));
}

/** Fills both axes; spans then tell the first pixel of a window and how many there are. */
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
