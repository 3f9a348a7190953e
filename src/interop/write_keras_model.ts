/** Describes whole models as Keras 3 does, in the `config.json` of `.keras` archives. */
import * as tf from '@tensorflow/tfjs';
import type { KerasProblem } from './keras_model_error.js';
import { Inexpressible, type Config } from './keras_objects.js';
import { findPairs, type Rewrite } from './layer_pairs.js';
import { ofKeras, writeKerasLayer, type WrittenLayer } from './write_keras_layer.js';

/** The description of a model. */
export interface WrittenModel {
  readonly config: WrittenLayer;
  /** Class of every layer in Keras, on which the names of the groups of its weights depend. */
  readonly classes: ReadonlyMap<tf.layers.Layer, string>;
  /** Layers that Keras cannot compute. */
  readonly problems: readonly KerasProblem[];
}

/** Describes a model. */
export function writeKerasModel(model: tf.LayersModel): WrittenModel {
  const writer = new Writer();
  return { config: writer.model(model, ''), classes: writer.classes, problems: writer.problems };
}

/** Calls of one layer in a model, by the index of their node in TensorFlow.js. */
type Calls = ReadonlyMap<tf.layers.Layer, readonly number[]>;

class Writer {
  readonly classes = new Map<tf.layers.Layer, string>();
  readonly problems: KerasProblem[] = [];

  model(model: tf.LayersModel, path: string): WrittenLayer {
    if (model instanceof tf.Sequential) return this.sequential(model, path);
    const calls = callsOf(model);
    const rewrites = findPairs(model.layers, followersIn(model, calls));
    const layers = model.layers.map((layer) => ({
      ...this.layer(layer, path, rewrites.get(layer)),
      name: layer.name,
      inbound_nodes: (calls.get(layer) ?? []).flatMap((index) => this.node(layer.inboundNodes[index]!, calls, path)),
    }));
    const outputs = model.outputs.map((tensor) => {
      const { layer, call, output } = locate(tensor, calls);
      // Keras counts the calls of a functional model from 1 here, and only here.
      const isFunctional = layer instanceof tf.LayersModel && !(layer instanceof tf.Sequential);
      return [layer.name, isFunctional ? call + 1 : call, output];
    });
    const inputs = model.inputs.map(({ sourceLayer }) => [sourceLayer.name, 0, 0]);
    return {
      module: 'keras.src.models.functional',
      class_name: 'Functional',
      config: { name: model.name, layers, input_layers: alone(inputs), output_layers: alone(outputs) },
      registered_name: 'Functional',
    };
  }

  private sequential(model: tf.Sequential, path: string): WrittenLayer {
    const { layers } = model;
    const [tensor] = model.inputs;
    const first = layers[0] === tensor!.sourceLayer ? [] : [inputLayer(tensor!)];
    const rewrites = findPairs(layers, (layer) => layers.slice(layers.indexOf(layer) + 1).slice(0, 1));
    const written = layers.map((layer) => this.layer(layer, path, rewrites.get(layer)));
    const config = { name: model.name, layers: [...first, ...written], build_input_shape: tensor!.shape };
    return { module: 'keras', class_name: 'Sequential', config, registered_name: null };
  }

  private layer(layer: tf.layers.Layer, path: string, rewrite: Rewrite | undefined): WrittenLayer {
    const name = `${path}${layer.name}`;
    const isShared = this.classes.has(layer);
    const className = layer.getClassName();
    try {
      if (isShared) throw new Inexpressible('a layer can be in one model only');
      this.classes.set(layer, className);
      if (layer.name.includes('/')) throw new Inexpressible("its name must not contain '/'");
      const written = this.describe(layer, name, rewrite);
      this.classes.set(layer, written.class_name);
      return written;
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      this.problems.push({ layer: name, className, reason: error.message });
      return { module: '', class_name: className, config: {}, registered_name: null };
    }
  }

  private describe(layer: tf.layers.Layer, name: string, rewrite: Rewrite | undefined): WrittenLayer {
    if (layer instanceof tf.LayersModel) return this.model(layer, `${name}/`);
    if (layer.getClassName() === 'InputLayer') return inputLayer(layer.inboundNodes[0]!.outputTensors[0]!);
    if (rewrite?.className !== undefined) {
      return ofKeras(layer, { className: rewrite.className, config: rewrite.changes });
    }
    return writeKerasLayer(layer, rewrite?.changes);
  }

  private node(node: Node, calls: Calls, path: string): readonly Config[] {
    if (node.inboundLayers.length === 0) return [];
    for (const [option, value] of Object.entries(node.callArgs ?? {})) {
      // TensorFlow.js ignores it: what matters is whether the whole model is trained.
      if (option === 'training' || value === null || value === undefined) continue;
      const { name, constructor } = node.outboundLayer;
      const reason = `its call has an option ${option}, which belongs to TensorFlow.js`;
      this.problems.push({ layer: `${path}${name}`, className: constructor.name, reason });
    }
    const tensors = node.inputTensors.map((tensor) => {
      const { layer, call, output } = locate(tensor, calls);
      const history = [layer.name, call, output];
      const config = { shape: tensor.shape, dtype: tensor.dtype, keras_history: history };
      return { class_name: '__keras_tensor__', config };
    });
    return [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }];
  }
}

type Node = tf.layers.Layer['inboundNodes'][number];

function inputLayer({ shape, dtype, sourceLayer }: tf.SymbolicTensor): WrittenLayer {
  const config = { name: sourceLayer.name, batch_shape: shape, dtype, sparse: false };
  return { module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null };
}

/** Finds the calls that a model consists of: a layer may have been called outside of it too. */
function callsOf(model: tf.LayersModel): Calls {
  const found = new Map<tf.layers.Layer, Set<number>>();
  const waiting = [...model.outputs];
  while (waiting.length > 0) {
    const { sourceLayer, nodeIndex } = waiting.pop()!;
    const known = found.get(sourceLayer) ?? new Set();
    found.set(sourceLayer, known);
    if (known.has(nodeIndex)) continue;
    known.add(nodeIndex);
    waiting.push(...sourceLayer.inboundNodes[nodeIndex]!.inputTensors);
  }
  return new Map([...found].map(([layer, indices]) => [layer, [...indices].sort((a, b) => a - b)]));
}

function locate(
  { sourceLayer, nodeIndex, tensorIndex }: tf.SymbolicTensor,
  calls: Calls,
): { readonly layer: tf.layers.Layer; readonly call: number; readonly output: number } {
  return { layer: sourceLayer, call: calls.get(sourceLayer)!.indexOf(nodeIndex), output: tensorIndex };
}

/** Finds the layers that take the output of a layer that is called once and is no output of the model. */
function followersIn(model: tf.LayersModel, calls: Calls): (layer: tf.layers.Layer) => readonly tf.layers.Layer[] {
  const users = new Map<tf.layers.Layer, tf.layers.Layer[]>();
  for (const [layer, indices] of calls) {
    for (const node of indices.map((index) => layer.inboundNodes[index]!)) {
      if (node.inboundLayers.length === 0) continue;
      for (const { sourceLayer } of node.inputTensors) {
        users.set(sourceLayer, [...(users.get(sourceLayer) ?? []), layer]);
      }
    }
  }
  const outputs = new Set(model.outputs.map(({ sourceLayer }) => sourceLayer));
  const isOnce = (layer: tf.layers.Layer): boolean => calls.get(layer)?.length === 1;
  return (layer) => {
    const after = users.get(layer) ?? [];
    return isOnce(layer) && after.every(isOnce) && !outputs.has(layer) ? after : [];
  };
}

/** One reference alone, or the list of several. */
function alone(references: readonly unknown[]): unknown {
  return references.length === 1 ? references[0] : references;
}
