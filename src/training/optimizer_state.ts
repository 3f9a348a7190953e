/** Saved state of an optimizer, as `getWeights()` gives it and as files of the host hold it, checked. */
import type * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError, type Action } from '../errors.js';
import { checkFloatTensor, checkShape } from '../ops/checks.js';

export type NamedTensors = Awaited<ReturnType<tf.Optimizer['getWeights']>>;

/** What saved state holds. */
export interface RestoredState {
  /** Number of finished steps. */
  readonly iterations: number;
  /** The tensors of each variable by its name, one for each slot. */
  readonly states: ReadonlyMap<string, readonly tf.Tensor[]>;
}

/**
 * The parts of saved state: the number of steps, then all tensors of the first slot, all of the second, ….
 *
 * @param slots names of the slots, which stand behind the names of variables: `dense/kernel/m`
 * @throws TypeError or RangeError if a part is missing, stands twice, does not fit the others or is not finite
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
  if (first!.name !== 'iter')
    throw rangeError(action, "the number of steps, 'iter', must come first", 'name', first!.name);
  if (steps.size !== 1) throw rangeError(action, 'the number of steps must be one number', 'shape', steps.shape);
  const iterations = checkInteger(action, 'number of steps', (await steps.data())[0], 0);
  const count = slots.length === 0 ? 0 : rest.length / slots.length;
  if (!Number.isInteger(count) || rest.length !== count * slots.length) {
    const each = slots.length === 0 ? 'none' : slots.join(' and ');
    throw rangeError(action, `the tensors of every variable are ${each}`, 'number of tensors', rest.length);
  }
  const states = new Map<string, readonly tf.Tensor[]>();
  for (const [index, { name, tensor }] of rest.slice(0, count).entries()) {
    const variable = name.endsWith(`/${slots[0]!}`) ? name.slice(0, -slots[0]!.length - 1) : undefined;
    if (variable === undefined || states.has(variable)) {
      throw rangeError(action, `names must end in /${slots[0]!} and differ`, 'name', name);
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
