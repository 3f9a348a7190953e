/** Builds the model that a Keras file describes, without its weights. */
import * as tf from '@tensorflow/tfjs';
import { CorruptFileError, isPlainObject, show, type Action } from '../errors.js';
import { network } from '../models/network.js';
import { FileValues } from './file_values.js';
import { callKey, callOrder, shapeOf } from './keras_graph.js';
import { KerasModelError, type KerasProblem } from './keras_model_error.js';
import type { Call, KerasLayer, KerasModel, Reference } from './keras_model.js';
import { Inexpressible, type Config } from './keras_objects.js';
import { readKerasLayer } from './read_keras_layer.js';

/** Classes of this package and of Keras that compute something else in training. */
const TRAINED_DIFFERENTLY = /BatchNormalization$|Dropout|Noise$|Random|Deformable|Separable|Pyramid|ReceptiveField/;
const NORMALIZATION = /BatchNormalization$/;

const TYPES = ['float32', 'int32', 'bool', 'string', 'complex64'];

/** Settings of {@link buildKerasModel}. */
export interface BuildSettings {
  readonly action: Action;
  /** Name of the file in errors. */
  readonly file: string;
  readonly isKeras2: boolean;
  /** Number of elements of the largest tensor in the file: no weight can have more. */
  readonly largest: number;
}

/**
 * Builds a model with weights of zero.
 *
 * @throws KerasModelError that lists all layers that cannot be built; CorruptFileError if layers do not fit together
 */
export function buildKerasModel(model: KerasModel, settings: BuildSettings): BuiltModel {
  const builder = new Builder(settings);
  return { model: builder.build(model), complete: builder.complete };
}

/** A model with weights of zero. */
export interface BuiltModel {
  readonly model: tf.LayersModel;
  /** Layers that have all their values, which the file does not have as weights. */
  readonly complete: ReadonlySet<tf.layers.Layer>;
}

/** Layers by their path in the model, each a sequence that computes what one layer of Keras does. */
type Chains = ReadonlyMap<KerasLayer, readonly tf.layers.Layer[]>;

class Builder {
  readonly complete = new Set<tf.layers.Layer>();
  private readonly problems: KerasProblem[] = [];
  private readonly chains = new Map<KerasLayer, readonly tf.layers.Layer[]>();

  constructor(private readonly settings: BuildSettings) {}

  build(model: KerasModel): tf.LayersModel {
    const { action, file } = this.settings;
    this.createLayers(model, '');
    if (this.problems.length > 0) throw new KerasModelError(action, LOAD_RULE, this.problems, file);
    try {
      return connect(model, this.chains);
    } catch (error) {
      const reason = (error as Error).message;
      throw new CorruptFileError(action, `the layers of the model must fit together (${reason.slice(0, 300)})`, file);
    }
  }

  /** Creates all layers before the first is connected, so that an error names all that cannot be created. */
  private createLayers({ layers }: KerasModel, path: string): void {
    for (const layer of layers) {
      const name = `${path}${layer.name}`;
      try {
        for (const call of layer.calls) checkCall(layer, call, this.settings.isKeras2);
        if (layer.model !== undefined) this.createLayers(layer.model, `${name}/`);
        else if (layer.className === 'InputLayer') checkInput(layer);
        else this.createLayer(layer);
      } catch (error) {
        if (!(error instanceof Inexpressible)) throw error;
        this.problems.push({ layer: name, className: layer.className, reason: error.message });
      }
    }
  }

  private createLayer(layer: KerasLayer): void {
    const { layers, complete } = readKerasLayer(layer, { ...this.settings, guard: (config) => this.guard(config) });
    this.chains.set(layer, layers);
    for (const each of complete) this.complete.add(each);
  }

  /** Replaces the initializers of a configuration by zeros that remember them: the values come from the file. */
  private guard(config: Config): Config {
    return Object.fromEntries(
      Object.entries(config).flatMap(([name, value]) => {
        if (!name.endsWith('Initializer') || !isPlainObject(value)) return [];
        return [[name, new FileValues(value, this.settings.largest)]];
      }),
    );
  }
}

const LOAD_RULE = 'TensorFlow.js must be able to compute every layer';

/**
 * Throws if a call has arguments that change what it computes here. Keras 3 notes `training` with every call, and then
 * passes on that of the whole model; Keras 2 notes and obeys what the program said.
 */
function checkCall(layer: KerasLayer, { options }: Call, isKeras2: boolean): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null || (name === 'training' && !isKeras2)) continue;
    if (name !== 'training') throw new Inexpressible(`its call takes no ${name} = ${show(value)}`);
    if (value === true || differsInTraining(layer)) {
      throw new Inexpressible(`it cannot be called with training = ${show(value)} (freeze its layers instead)`);
    }
  }
}

/** True if a layer computes something else in training; a frozen batch normalisation does not. */
function differsInTraining({ className, config, model }: KerasLayer): boolean {
  if (model !== undefined) return model.layers.some(differsInTraining);
  if (NORMALIZATION.test(className) && config['trainable'] === false) return false;
  return TRAINED_DIFFERENTLY.test(className);
}

function checkInput(layer: KerasLayer): void {
  const shape = shapeOf(layer);
  const isShape = Array.isArray(shape) && shape.every((size) => size === null || Number.isInteger(size));
  if (!isShape) throw new Inexpressible(`its shape must be a list of sizes, not ${show(shape)}`);
  const type = layer.config['dtype'] ?? 'float32';
  if (typeof type !== 'string' || !TYPES.includes(type)) throw new Inexpressible(`its type cannot be ${show(type)}`);
  for (const kind of ['sparse', 'ragged']) {
    if (layer.config[kind] === true) throw new Inexpressible(`its tensors cannot be ${kind}`);
  }
}

function connect(model: KerasModel, chains: Chains): tf.LayersModel {
  return model.isSequential ? connectSequence(model, chains) : connectGraph(model, chains);
}

function layersFor(layer: KerasLayer, chains: Chains): readonly tf.layers.Layer[] {
  return layer.model === undefined ? chains.get(layer)! : [connect(layer.model, chains)];
}

function connectSequence({ name, layers }: KerasModel, chains: Chains): tf.LayersModel {
  const [input, ...others] = layers;
  const { name: inputName, shape, dtype } = inputOf(input!);
  const first = tf.layers.inputLayer({ name: inputName, batchInputShape: shape, dtype });
  const model = tf.sequential({ name, layers: [first] });
  for (const layer of others.flatMap((each) => layersFor(each, chains))) {
    settleTarget(layer, model.outputs[0]!);
    model.add(layer);
  }
  return model;
}

function connectGraph({ name, layers, inputs, outputs }: KerasModel, chains: Chains): tf.LayersModel {
  const tensors = new Map<string, tf.SymbolicTensor[]>();
  for (const layer of layers) {
    if (layer.className !== 'InputLayer') continue;
    const { name: inputName, shape, dtype } = inputOf(layer);
    tensors.set(callKey({ layer: layer.name, call: 0 }), [tf.input({ name: inputName, batchShape: shape, dtype })]);
  }
  const built = new Map(
    layers.flatMap((layer) =>
      layer.className === 'InputLayer' ? [] : [[layer.name, layersFor(layer, chains)] as const],
    ),
  );
  const tensorAt = (reference: Reference): tf.SymbolicTensor => tensors.get(callKey(reference))![reference.output]!;
  for (const { layer, call } of callOrder(layers)) {
    const given = layer.calls[call]!.inputs.map(tensorAt);
    const output = built
      .get(layer.name)!
      .reduce<tf.SymbolicTensor | tf.SymbolicTensor[]>(
        (x, each) => apply(each, x),
        given.length === 1 ? given[0]! : given,
      );
    tensors.set(callKey({ layer: layer.name, call }), [output].flat());
  }
  const inputTensors = inputs.map((input) => tensorAt({ layer: input, call: 0, output: 0 }));
  return network({ name, inputs: inputTensors, outputs: outputs.map(tensorAt) });
}

function apply(layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): typeof x {
  settleTarget(layer, Array.isArray(x) ? x[0]! : x);
  return layer.apply(x) as typeof x;
}

/** Gives a reshape the size that −1 stands for in its target: TensorFlow.js leaves it unknown. */
function settleTarget(layer: tf.layers.Layer & { targetShape?: tf.Shape }, { shape }: tf.SymbolicTensor): void {
  const { targetShape: target } = layer;
  const sizes = shape.slice(1);
  if (target?.includes(null) !== true || sizes.includes(null)) return;
  const product = (factors: tf.Shape): number => factors.reduce<number>((a, b) => a * (b ?? 1), 1);
  const missing = product(sizes) / product(target);
  layer.targetShape = target.map((size) => size ?? missing);
}

function inputOf(layer: KerasLayer): { readonly name: string; readonly shape: tf.Shape; readonly dtype: tf.DataType } {
  const dtype = (layer.config['dtype'] ?? 'float32') as tf.DataType;
  return { name: layer.name, shape: shapeOf(layer) as tf.Shape, dtype };
}
