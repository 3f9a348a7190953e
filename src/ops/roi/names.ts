/** What every region operator registers: one forward and one backward kernel. */
import type * as tf from '@tensorflow/tfjs';

export interface RoiKernelNames {
  /** y of x, boxes, boxIndices and, where the operator is deformed, offset. */
  readonly forward: string;
  /** dx, and doffset where there are offsets. */
  readonly backward: string;
}

/** The same kernels on one backend. */
export interface RoiKernels {
  readonly forward: tf.KernelConfig;
  readonly backward: tf.KernelConfig;
}
