/**
 * Kernels and gradients that an operator registers: one descriptor per folder of src/ops, listed in
 * src/ops/registry.ts.
 */
import type * as tf from '@tensorflow/tfjs';

/** Everything that one operator registers. */
export interface OpDescriptor {
  /** Name of the public function. */
  readonly name: string;
  /** Kernel names, forward first. Each is registered on every backend. */
  readonly kernelNames: readonly string[];
  /** Names of kernels of webgpu, whose work other backends compose of other kernels. @default none */
  readonly webgpuKernelNames?: readonly string[];
  readonly kernels: readonly tf.KernelConfig[];
  readonly gradients: readonly tf.GradConfig[];
}
