/** Kernels that every region operator registers: one forward and one backward. */
import type * as tf from '@tensorflow/tfjs';

/** Kernel names of one region operator. */
export interface RoiKernelNames {
  /** Computes y from x, boxes, boxIndices and, if the operator is deformed, offset. */
  readonly forward: string;
  /** Computes dx and, if there are offsets, doffset. */
  readonly backward: string;
}

/** The two kernels on one backend. */
export interface RoiKernels {
  readonly forward: tf.KernelConfig;
  readonly backward: tf.KernelConfig;
}
