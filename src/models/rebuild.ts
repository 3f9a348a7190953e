/** Copies of models, layer by layer, in which some layers become others or are left out. */
import * as tf from '@tensorflow/tfjs';
import { freeze } from './freeze.js';
import { network } from './network.js';

/** The layer that stands in the copy for one of the model; undefined for one that is left out and passes its input on. */
export type CopyLayer = (layer: tf.layers.Layer) => tf.layers.Layer | undefined;

/**
 * The model's graph over other layers, nested models included; a layer that is used again is copied once.
 *
 * @param replace what stands for a layer that is no model, without its weights
 * @returns the copy, and each layer of the model with its own
 */
export function copyModel(
  model: tf.LayersModel,
  replace: CopyLayer,
): { readonly copy: tf.LayersModel; readonly layers: ReadonlyMap<tf.layers.Layer, tf.layers.Layer> } {
  const copies = new Map<tf.layers.Layer, tf.layers.Layer | undefined>();
  const copyOf = (layer: tf.layers.Layer): tf.layers.Layer | undefined => {
    if (copies.has(layer)) return copies.get(layer);
    const copy = layer instanceof tf.LayersModel ? rebuild(layer, copyOf) : replace(layer);
    copies.set(layer, copy);
    return copy;
  };
  const copy = rebuild(model, copyOf);
  const layers = new Map<tf.layers.Layer, tf.layers.Layer>();
  for (const [layer, made] of copies) {
    if (made !== undefined && !(layer instanceof tf.LayersModel)) layers.set(layer, made);
  }
  return { copy, layers };
}

/** A layer of the same class, with weights of its own; `changes` to its configuration, if any. */
export function restore(layer: tf.layers.Layer, changes: tf.serialization.ConfigDict = {}): tf.layers.Layer {
  const Class = layer.constructor as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>;
  return Class.fromConfig(Class, { ...layer.getConfig(), ...changes });
}

function rebuild(model: tf.LayersModel, copyOf: CopyLayer): tf.LayersModel {
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
    const given = node.inputTensors.map(compute);
    const layer = copyOf(tensor.sourceLayer);
    const made = layer === undefined ? given : layer.apply(given.length === 1 ? given[0]! : given, node.callArgs ?? {});
    const outputs = [made].flat() as tf.SymbolicTensor[];
    node.outputTensors.forEach((output, index) => copies.set(output.id, outputs[index]!));
    return copies.get(tensor.id)!;
  };
  const copy = network({ inputs, outputs: model.outputs.map(compute), name: model.name });
  if (!model.trainable) freeze(copy);
  return copy;
}
