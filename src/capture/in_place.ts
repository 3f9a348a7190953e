/**
 * Kernels that may write their results over an input: element i of the output depends on elements i, and on sums over all of
 * them that are complete before the first is written.
 */
import { ACTIVATION } from '../ops/activation/kernels.js';
import { ADAM_UPDATES } from '../ops/adam_updates/kernels.js';
import { BATCH_NORM, BATCH_NORM_INFERENCE } from '../ops/batch_norm/kernels.js';
import { BIAS_ADD } from '../ops/bias_add/kernels.js';
import { CLIP_GRADIENTS } from '../ops/clip_gradients/kernels.js';
import { DROPOUT } from '../ops/dropout/kernels.js';
import { WEIGHTED_SUMS } from '../ops/weighted_sums/kernels.js';

/** Inputs that the first output of a kernel may replace. */
const FIRST: Readonly<Record<string, string>> = {
  [ACTIVATION.forward]: 'x',
  [ACTIVATION.backward]: 'dy',
  [BATCH_NORM.forward]: 'x',
  [BATCH_NORM.backward]: 'dy',
  [BATCH_NORM_INFERENCE.forward]: 'x',
  [BATCH_NORM_INFERENCE.backward]: 'dy',
  [BIAS_ADD.forward]: 'x',
  [DROPOUT.forward]: 'x',
};

/** Returns the name of the input that an output of the kernel may replace. */
export function replacedInput(kernel: string, output: number): string | undefined {
  if (kernel === WEIGHTED_SUMS.forward) return `a${output}`;
  if (kernel === CLIP_GRADIENTS.forward) return `gradient${output}`;
  if (kernel !== ADAM_UPDATES.forward) return output === 0 ? FIRST[kernel] : undefined;
  const name = ['value', 'firstMoment', 'secondMoment'][output % 3]!;
  return `${name}${Math.floor(output / 3)}`;
}
