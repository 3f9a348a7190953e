/** Checks of saved optimizer state, in the form that `getWeights()` returns and that files of the host contain. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError, type Action } from '../errors.js';
import { checkFloatTensor, checkShape } from '../ops/checks.js';

/** Weights of an optimizer by name, as the host saves them. */
export type NamedTensors = Awaited<ReturnType<tf.Optimizer['getWeights']>>;

/** Saved state, by variable. */
export interface RestoredState {
  /** Number of finished steps. */
  readonly iterations: number;
  /** Tensors of each variable by its name, one per slot. */
  readonly states: ReadonlyMap<string, readonly tf.Tensor[]>;
}

/**
 * Parses saved state: the number of steps, then all tensors of the first slot, all of the second, and so on.
 *
 * @param slots names of the slots, which are appended to the names of variables: `dense/kernel/m`
 * @throws TypeError or RangeError if a part is missing, duplicated, inconsistent with the others or not finite
 */
export async function readState(
  action: Action,
  slots: readonly string[],
  weights: NamedTensors,
): Promise<RestoredState> {
  if (!Array.isArray(weights) || weights.length === 0) {
    throw typeError(action, 'state must be a list of named tensors, the number of steps first', 'weights', weights);
  }
  const [first, ...rest] = weights;
  const steps = first!.tensor;
  if (first!.name !== 'iter') {
    throw rangeError(action, "the number of steps, 'iter', must come first", 'name', first!.name);
  }
  if (steps.size !== 1) throw rangeError(action, 'the number of steps must be one number', 'shape', steps.shape);
  const iterations = checkInteger(action, 'number of steps', (await steps.data())[0], 0);
  const count = slots.length === 0 ? 0 : rest.length / slots.length;
  if (!Number.isInteger(count) || rest.length !== count * slots.length) {
    const each = slots.length === 0 ? 'none' : slots.join(' and ');
    throw rangeError(action, `every variable must have the tensors ${each}`, 'number of tensors', rest.length);
  }
  const states = new Map<string, readonly tf.Tensor[]>();
  for (const [index, { name, tensor }] of rest.slice(0, count).entries()) {
    const variable = name.endsWith(`/${slots[0]!}`) ? name.slice(0, -slots[0]!.length - 1) : undefined;
    if (variable === undefined || states.has(variable)) {
      throw rangeError(action, `names must be unique and end in /${slots[0]!}`, 'name', name);
    }
    checkFloatTensor(action, `'${name}'`, tensor, [tensor.rank]);
    states.set(
      variable,
      slots.map((slot, at) => {
        const other = rest[at * count + index]!;
        if (other.name !== `${variable}/${slot}`) {
          throw rangeError(action, `tensor ${1 + at * count + index} must be ${variable}/${slot}`, 'name', other.name);
        }
        return checkShape(action, `'${other.name}'`, other.tensor, tensor.shape, `of ${name}`);
      }),
    );
  }
  for (const { name, tensor } of rest) {
    const wrong = (await tensor.data()).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw rangeError(action, 'state must be finite', name, wrong);
  }
  return { iterations, states };
}
