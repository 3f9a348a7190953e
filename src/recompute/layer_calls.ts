/** The calls of layers in a model, in an order in which they can be computed, and the sizes of their results. */
import type * as tf from '@tensorflow/tfjs';

/** One call of a layer. */
export interface LayerCall {
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly tf.SymbolicTensor[];
  readonly outputs: readonly tf.SymbolicTensor[];
}

/** Returns the calls that lead from a model's inputs to its outputs; those of a nested model are one call. */
export function layerCalls({ inputs, outputs }: Pick<tf.LayersModel, 'inputs' | 'outputs'>): readonly LayerCall[] {
  const calls: LayerCall[] = [];
  const known = new Set(inputs.map(({ id }) => id));
  const visit = ({ id, sourceLayer, nodeIndex }: tf.SymbolicTensor): void => {
    if (known.has(id)) return;
    const { inputTensors, outputTensors } = sourceLayer.inboundNodes[nodeIndex]!;
    for (const output of outputTensors) known.add(output.id);
    inputTensors.forEach(visit);
    calls.push({ layer: sourceLayer, inputs: inputTensors, outputs: outputTensors });
  };
  outputs.forEach(visit);
  return calls;
}

/** Returns the number of elements of each tensor by its id, for inputs of the given shapes. */
export function elementCounts(
  calls: readonly LayerCall[],
  inputs: readonly tf.SymbolicTensor[],
  inputShapes: readonly tf.Shape[],
): ReadonlyMap<number, number> {
  const shapes = new Map(inputs.map(({ id }, index) => [id, inputShapes[index]!]));
  for (const { layer, inputs: read, outputs } of calls) {
    const given = read.map(({ id }) => shapes.get(id)!);
    const made = layer.computeOutputShape(given.length === 1 ? given[0]! : given);
    outputs.forEach(({ id }, index) => shapes.set(id, (Array.isArray(made[0]) ? made[index] : made) as tf.Shape));
  }
  return new Map([...shapes].map(([id, shape]) => [id, shape.reduce<number>((size, axis) => size * (axis ?? 1), 1)]));
}
