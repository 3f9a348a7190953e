/** What an operator registers: one descriptor per folder of src/ops, listed in src/register.ts. */
import type * as tf from '@tensorflow/tfjs';
import type { BackendName } from '../kernel/backend_names.js';

export interface OpDescriptor {
  /** Name of the public function. */
  readonly name: string;
  /** Kernel names, forward first. Each is registered on every backend that is not `unsupported`. */
  readonly kernelNames: readonly string[];
  readonly kernels: readonly tf.KernelConfig[];
  readonly gradients: readonly tf.GradConfig[];
  /** Backends that cannot run this op, with the reason that the error message shows. */
  readonly unsupported: Readonly<Partial<Record<BackendName, string>>>;
}
