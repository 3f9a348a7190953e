/** Keeps the host from allocating more for a model than its file has weights for. */
import * as tf from '@tensorflow/tfjs';

/** The method by which layers create their weights; the host's declaration of it is protected. */
interface WeightMaker {
  addWeight: (name: string, shape: readonly number[], ...rest: unknown[]) => tf.LayerVariable;
}

/** Layers that are larger than the weights in their file. */
export class WeightBudgetError extends Error {
  override readonly name = 'WeightBudgetError';
}

/** When the last load has ended; no more than that, which would keep its model. */
let turn: Promise<void> = Promise.resolve();

/**
 * Loads a model whose layers may create no more values than `values`. What they had created until an error is disposed.
 * One load at a time, since all layers of a process have the method that counts in common.
 */
export function withinBudget<T>(values: number, load: () => Promise<T>): Promise<T> {
  const result = turn.then(() => loadWithinBudget(values, load));
  const ended = (): void => undefined;
  turn = result.then(ended, ended);
  return result;
}

async function loadWithinBudget<T>(values: number, load: () => Promise<T>): Promise<T> {
  const maker = tf.layers.Layer.prototype as unknown as WeightMaker;
  const { addWeight } = maker;
  const created: tf.LayerVariable[] = [];
  let left = values;
  maker.addWeight = function (name, shape, ...rest) {
    left -= shape.reduce((product, size) => product * size, 1);
    // Also where the product is NaN.
    if (!(left >= 0))
      throw new WeightBudgetError(`its layers must be no larger than the ${values} weights of the file`);
    const weight = addWeight.call(this, name, shape, ...rest);
    created.push(weight);
    return weight;
  };
  try {
    return await load();
  } catch (error) {
    for (const weight of created) weight.dispose();
    throw error;
  } finally {
    maker.addWeight = addWeight;
  }
}
