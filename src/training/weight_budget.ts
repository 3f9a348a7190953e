/** Keeps the host from allocating more weights for a model than its file contains. */
import * as tf from '@tensorflow/tfjs';

/** The method by which layers create their weights, which the host declares as protected. */
interface WeightCreator {
  addWeight: (name: string, shape: readonly number[], ...rest: unknown[]) => tf.LayerVariable;
}

/** Layers with more weights than their file contains. */
export class WeightBudgetError extends Error {
  override readonly name = 'WeightBudgetError';
}

/** Resolves, without a value that would keep its model alive, when the last load has ended. */
let lastLoad: Promise<void> = Promise.resolve();

/**
 * Loads a model whose layers may create at most `values` weight values in total. After an error, the weights created so
 * far are disposed. Loads run one at a time, since all layers of a process share the method that counts.
 */
export function withinBudget<T>(values: number, load: () => Promise<T>): Promise<T> {
  const result = lastLoad.then(() => loadWithinBudget(values, load));
  const ended = (): void => undefined;
  lastLoad = result.then(ended, ended);
  return result;
}

async function loadWithinBudget<T>(values: number, load: () => Promise<T>): Promise<T> {
  const prototype = tf.layers.Layer.prototype as unknown as WeightCreator;
  const { addWeight } = prototype;
  const created: tf.LayerVariable[] = [];
  let left = values;
  prototype.addWeight = function (name, shape, ...rest) {
    left -= shape.reduce((product, size) => product * size, 1);
    // Written so that it also throws when the product is NaN.
    if (!(left >= 0)) {
      throw new WeightBudgetError(`its layers must not have more weights than the file contains (${values})`);
    }
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
    prototype.addWeight = addWeight;
  }
}
