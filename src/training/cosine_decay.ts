/** Learning rate that falls along half a cosine: I. Loshchilov, F. Hutter, "SGDR", arXiv 1608.03983, equation 5. */

/**
 * The learning rate of one step, from `initial` at step 0 towards 0 at `totalSteps`.
 *
 * @param initial learning rate of the first step
 * @param step number of the step, from 0
 * @param totalSteps steps of the whole training
 * @returns initial · (1 + cos(π · step / totalSteps)) / 2
 * @see Loshchilov and Hutter, "SGDR" (2017), equation 5
 * @example
 * ```ts
 * import { cosineDecay } from 'tfjs-convolutions/training';
 *
 * console.log(cosineDecay(0.1, 0, 1000)); // 0.1
 * ```
 */
export function cosineDecay(initial: number, step: number, totalSteps: number): number {
  return (initial * (1 + Math.cos((Math.PI * step) / totalSteps))) / 2;
}
