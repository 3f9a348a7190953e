/** Weights that a run trains, by their positions in the model, since names differ from process to process. */
import * as tf from '@tensorflow/tfjs';
import type { CheckpointHeader } from './checkpoint_header.js';
import type { Trainer } from './trainer.js';

/** Lists all weights in an order that does not depend on which of them are trained; the host lists those first. */
function weightsInOrder({ layers }: tf.LayersModel): tf.LayersModel['weights'] {
  const weights = layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? weightsInOrder(layer) : [...layer.weights].sort((a, b) => a.id - b.id),
  );
  return [...new Set(weights)];
}

/** Positions, in that order, of the weights that a run trains. */
export function trainedIndices({ model, variables }: Trainer): number[] {
  const all = weightsInOrder(model).map((weight) => weight.read());
  return variables.map((variable) => all.indexOf(variable));
}

/** Finds the name of the first weight that only one of two runs trains, or whose moments have another shape. */
export function unlikeWeight(trainer: Trainer, { trained, moments }: CheckpointHeader): string | undefined {
  const { model, variables } = trainer;
  const indices = trainedIndices(trainer);
  const known = trained ?? indices;
  if (!tf.util.arraysEqual([...known], indices)) {
    const all = weightsInOrder(model);
    const first = all.findIndex((_, index) => known.includes(index) !== indices.includes(index));
    return all[first]?.originalName ?? 'their order';
  }
  if (moments.length === 0) return undefined;
  const wanted = trainer.optimizer.slots.flatMap(() => variables);
  const wrong = wanted.find(({ shape }, index) => !tf.util.arraysEqual(shape, [...(moments[index]?.shape ?? [NaN])]));
  return wrong?.name ?? moments[wanted.length]?.name;
}

/** Names of the moments of the trained weights in the optimizer, in the order of a checkpoint. */
export function momentNames({ variables, optimizer }: Trainer): string[] {
  return optimizer.slots.flatMap((slot) => variables.map(({ name }) => `${name}/${slot}`));
}

/** Moments of the trained weights; empty before the first step. */
export async function momentsOf(trainer: Trainer): Promise<tf.Tensor[]> {
  const [iterations, ...all] = await trainer.optimizer.getWeights();
  iterations!.tensor.dispose();
  const byName = new Map(all.map(({ name, tensor }) => [name, tensor]));
  return momentNames(trainer).flatMap((name) => byName.get(name) ?? []);
}

/**
 * Names of the tensors in a checkpoint: all weights of the model, then the moments of the trained ones. They are unique,
 * although layers of nested models may share a name.
 */
export function storedNames({ model, variables, optimizer }: Trainer): string[] {
  const { weights } = model;
  const taken = new Set<string>();
  const unique = (name: string): string => {
    let free = name;
    for (let number = 1; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  };
  const names = weights.map(({ originalName }) => unique(originalName));
  const nameOf = new Map(weights.map((weight, index) => [weight.read(), names[index]!]));
  const moments = optimizer.slots.flatMap((slot) =>
    variables.map((variable) => unique(`optimizer/${slot}/${nameOf.get(variable)!}`)),
  );
  return [...names, ...moments];
}
