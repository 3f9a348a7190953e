/** Gradients of the selected output cell, as the picture shows them. */
import type { Convolution } from './convolution.js';
import type { Picture } from './maps.js';
import type { Gradients } from './question.js';
import type { Settings } from './settings.js';

export interface Backward {
  /** Of the input, row by row, channels last. */
  readonly input: readonly number[];
  /** Of the kernel of every stage, in its own order; empty for stages without weights. */
  readonly weights: readonly (readonly number[])[];
  /** Of the offset (y, x) of every tap, if there are offsets. */
  readonly offsets: readonly number[] | undefined;
  /** Of the mask of every tap, if there are masks. */
  readonly masks: readonly number[] | undefined;
}

/** Sorts the gradients of layers by the stages of the picture. */
export function backwardOf(
  convolution: Convolution,
  settings: Settings,
  { stages }: Picture,
  { input, weights, moved }: Gradients<readonly number[]>,
): Backward {
  const plans = convolution.steps(settings, stages);
  // The worker differentiates the last step and, if it does not start from the input, those before it.
  const chain = plans.at(-1)!.from === 0 ? plans.slice(-1) : plans;
  const ofStages: (readonly number[])[] = stages.map(() => []);
  let next = 0;
  for (const { layer, stages: used } of chain) {
    for (const stage of used) {
      if (stages[stage]!.kernel !== null) ofStages[stage] = weights[next++]!;
    }
    // The bias follows the kernels of its layer.
    if (layer.args !== undefined && 'useBias' in layer.args && layer.args.useBias) next++;
  }
  return { input, weights: ofStages, offsets: moved[0], masks: moved[1] };
}
