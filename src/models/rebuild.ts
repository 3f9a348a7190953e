/** Copies models layer by layer, replacing or omitting some layers. */
import * as tf from '@tensorflow/tfjs';
import { freeze } from './freeze.js';
import { network } from './network.js';

/**
 * Creates the copy of a layer, or several to apply one after the other; undefined (or none) to omit the layer, which then passes
 * its input through.
 */
export type CopyLayer = (layer: tf.layers.Layer) => tf.layers.Layer | readonly tf.layers.Layer[] | undefined;

/** Finds the copies of a layer. */
type CopiesOf = (layer: tf.layers.Layer) => readonly tf.layers.Layer[];

/**
 * Rebuilds the graph of a model with copied layers, including nested models; a shared layer is copied once.
 *
 * @param replace creates the copy of a layer that is not a model, without its weights
 * @returns the copy, and the copied layer of each layer of the model; of several, the one with weights
 */
export function copyModel(
  model: tf.LayersModel,
  replace: CopyLayer,
): { readonly copy: tf.LayersModel; readonly layers: ReadonlyMap<tf.layers.Layer, tf.layers.Layer> } {
  const copies = new Map<tf.layers.Layer, readonly tf.layers.Layer[]>();
  const copiesOf: CopiesOf = (layer) => {
    const known = copies.get(layer);
    if (known !== undefined) return known;
    const copied = [layer instanceof tf.LayersModel ? rebuild(layer, copiesOf) : (replace(layer) ?? [])].flat();
    copies.set(layer, copied);
    return copied;
  };
  const copy = rebuild(model, copiesOf);
  const layers = new Map<tf.layers.Layer, tf.layers.Layer>();
  for (const [layer, copied] of copies) {
    const made = copied.find(({ weights }) => weights.length > 0) ?? copied[0];
    if (made !== undefined && !(layer instanceof tf.LayersModel)) layers.set(layer, made);
  }
  return { copy, layers };
}

/** Copies a layer with the same class and weights of its own, optionally with changes to its config. */
export function restore(layer: tf.layers.Layer, changes: tf.serialization.ConfigDict = {}): tf.layers.Layer {
  const Class = layer.constructor as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>;
  return Class.fromConfig(Class, { ...layer.getConfig(), ...changes });
}

function rebuild(model: tf.LayersModel, copiesOf: CopiesOf): tf.LayersModel {
  const copies = new Map<number, tf.SymbolicTensor>();
  const inputs = model.inputs.map(({ id, shape, dtype, sourceLayer }) => {
    const input = tf.input({ batchShape: shape, dtype, name: sourceLayer.name });
    copies.set(id, input);
    return input;
  });
  const compute = (tensor: tf.SymbolicTensor): tf.SymbolicTensor => {
    const known = copies.get(tensor.id);
    if (known !== undefined) return known;
    const node = tensor.sourceLayer.inboundNodes[tensor.nodeIndex]!;
    const outputs = copiesOf(tensor.sourceLayer).reduce<tf.SymbolicTensor[]>((given, layer) => {
      const applied = layer.apply(given.length === 1 ? given[0]! : given, node.callArgs ?? {});
      return [applied].flat() as tf.SymbolicTensor[];
    }, node.inputTensors.map(compute));
    node.outputTensors.forEach((output, index) => copies.set(output.id, outputs[index]!));
    return copies.get(tensor.id)!;
  };
  const copy = network({ inputs, outputs: model.outputs.map(compute), name: model.name });
  if (!model.trainable) freeze(copy);
  return copy;
}
