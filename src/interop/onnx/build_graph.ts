/** Builds the graph of a model: its inputs, the nodes of every layer, its outputs. */
import * as tf from '@tensorflow/tfjs';
import { foldModel, outputShapesOf, type LayerCall } from '../../analysis/graph.js';
import { inputLayout } from '../../analysis/layout.js';
import type { Action } from '../../errors.js';
import { CONVERTERS } from './converters.js';
import { dependsOnTraining } from './element_layers.js';
import { OnnxExportError, type UnexportedLayer } from './export_error.js';
import { OnnxGraph } from './graph.js';
import { LARGEST_HALF, toHalf } from './half.js';
import {
  NotExportable,
  type Arrange,
  type Converter,
  type ConvertSettings,
  type LayerUse,
  type WeightValues,
} from './layer_use.js';
import { ordered, TO_CHANNELS_FIRST, TO_CHANNELS_LAST, type Value } from './value.js';

/** Settings of an export. */
export interface GraphSettings extends ConvertSettings {
  /** Order of the axes of images in the file; undefined for that of the model. */
  readonly layout: 'nhwc' | 'nchw' | undefined;
  /** Shapes of the inputs, batch first. */
  readonly inputShapes: readonly tf.Shape[];
  readonly half: boolean;
}

/** Input or output of a graph. */
export interface Port {
  readonly name: string;
  /** Sizes, or names of sizes that depend on the input; undefined where neither is known. */
  readonly shape: readonly (number | string | undefined)[];
  readonly dtype: tf.DataType;
}

/** A graph with its inputs and outputs. */
export interface BuiltGraph {
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Values of all weights of a layer by name. */
type LayerWeights = ReadonlyMap<string, WeightValues>;

/** Code of float32 in ONNX. */
const FLOAT = 1;

/**
 * Builds the graph.
 *
 * @throws OnnxExportError with all layers that cannot be exported
 */
export async function buildGraph(action: Action, model: tf.LayersModel, settings: GraphSettings): Promise<BuiltGraph> {
  const weights = await readWeights(model);
  const graph = new OnnxGraph();
  const flips = flipOf(model, settings.layout);
  const hasRegions = [...weights.keys()].some(isRegion);
  const ports: Port[] = [];
  const inputs = model.inputs.map((input, index): Value => {
    const shape = settings.inputShapes[index]!;
    const name = graph.unique(input.sourceLayer.name);
    const value = { name, shape, moved: false, dtype: input.dtype };
    const axes = namedAxes(shape, hasRegions && shape.length < 4 ? 'boxes' : 'batch', flips.channelsFirst);
    if (shape.length !== 4 || flips.perm === undefined) {
      ports.push({ name, shape: axes, dtype: input.dtype });
      return value;
    }
    ports.push({ name, shape: flips.perm.map((axis) => axes[axis]), dtype: input.dtype });
    if (!flips.channelsFirst) return { ...value, moved: true };
    return { ...value, name: graph.node('Transpose', [name], { perm: TO_CHANNELS_FIRST }) };
  });
  const failed = new Map<string, UnexportedLayer>();
  const results = foldModel<Value>(model, inputs, (call, values) => {
    const shape = shapeAfter(call.layer, values);
    try {
      if (shape instanceof Error) throw new NotExportable(shape.message);
      return [convert(graph, settings, weights, call, values, shape)];
    } catch (error) {
      if (!(error instanceof NotExportable)) throw error;
      const { path: name, layer } = call;
      failed.set(name, { name, className: layer.getClassName(), reason: error.message });
      // The layers after it are checked too, with the shape that it has in the model.
      return call.layer.inboundNodes[0]!.outputTensors.map((output) => ({
        ...{ name: graph.unique(call.path), shape: output.shape, moved: false, dtype: output.dtype },
      }));
    }
  });
  if (failed.size > 0) throw new OnnxExportError(action, [...failed.values()]);
  const taken = new Set(ports.map(({ name }) => name));
  const renamed = new Map<string, string>();
  const outputs = results.map((value, index) => {
    const { name } = model.outputs[index]!.sourceLayer;
    return addOutput(graph, value, name, { flips, taken, hasRegions, renamed });
  });
  return { name: model.name, graph, inputs: ports, outputs };
}

/** The layer's output shape, or the error of a layer whose input must be known. */
function shapeAfter(layer: tf.layers.Layer, values: readonly Value[]): tf.Shape | Error {
  try {
    return outputShapesOf(
      layer,
      values.map(({ shape }) => shape),
    )[0]!;
  } catch (error) {
    return error as Error;
  }
}

/** Adds the nodes of a layer. */
function convert(
  graph: OnnxGraph,
  settings: GraphSettings,
  weights: ReadonlyMap<tf.layers.Layer, LayerWeights>,
  { layer, path, training }: LayerCall,
  values: readonly Value[],
  shape: tf.Shape,
): Value {
  const className = layer.getClassName();
  if (!Object.hasOwn(CONVERTERS, className)) throw new NotExportable('there is no converter for this class');
  if (layer.getConfig()['precision'] === 'half') {
    throw new NotExportable("its kernel is packed in half precision; export in single, with weights: 'float16'");
  }
  if (training && dependsOnTraining(className)) throw new NotExportable('it is called with training: true');
  const own = weights.get(layer)!;
  graph.beginLayer(path);
  const use: LayerUse = {
    ...{ graph, settings, layer, shape, config: layer.getConfig() },
    inputs: values.map((value, index) => (keepsIntegers(layer, index) ? value : asFloat(graph, value))),
    weight: (name) => own.get(name),
    constant: (name, arrange, part) => addWeight(graph, settings, layer, own, name, arrange, part),
  };
  const value = (CONVERTERS[className] as Converter)(use);
  return { ...value, name: graph.endLayer(value.name, path) };
}

/** Adds a weight, as float32 or as a float16 that is cast. */
function addWeight(
  graph: OnnxGraph,
  { half }: GraphSettings,
  layer: tf.layers.Layer,
  weights: LayerWeights,
  name: string,
  arrange: Arrange = (weight) => weight,
  part?: string,
): string {
  const full = part === undefined ? `${layer.name}/${name}` : `${layer.name}/${name}/${part}`;
  // Names of layers are unique within a model only.
  return graph.once(`weight ${idOf(layer)} ${name} ${part ?? ''}`, () => {
    const { shape, values } = arrange(weights.get(name)!);
    // Vectors are few numbers, and statistics may be out of range.
    if (!half || shape.length < 2) return graph.floats(full, shape, values);
    if (!values.every((value) => Math.abs(value) <= LARGEST_HALF)) {
      throw new NotExportable(`the values of its ${name} must be at most ${LARGEST_HALF} for float16`);
    }
    const stored = graph.constant(`${full}/float16`, { shape, values: Uint16Array.from(values, toHalf) });
    return graph.node('Cast', [stored], { to: FLOAT });
  });
}

const ids = new WeakMap<tf.layers.Layer, number>();
let nextId = 0;

/** A number for each layer. */
function idOf(layer: tf.layers.Layer): number {
  const known = ids.get(layer);
  if (known !== undefined) return known;
  ids.set(layer, nextId);
  return nextId++;
}

function isRegion(layer: tf.layers.Layer): boolean {
  return /^Convolutions>.*RoI/.test(layer.getClassName());
}

/** Image indices of regions stay integers, and so does what a layer passes on. */
function keepsIntegers(layer: tf.layers.Layer, input: number): boolean {
  return (isRegion(layer) && input === 2) || layer.getClassName() === 'Convolutions>Identity';
}

function asFloat(graph: OnnxGraph, value: Value): Value {
  if (value.dtype === 'float32') return value;
  const name = graph.once(`float ${value.name}`, () => graph.node('Cast', [value.name], { to: FLOAT }));
  return { ...value, name, dtype: 'float32' };
}

/** Reads the values of all weights, each layer once. */
async function readWeights(model: tf.LayersModel): Promise<ReadonlyMap<tf.layers.Layer, LayerWeights>> {
  const layers = new Set<tf.layers.Layer>();
  foldModel<null>(
    model,
    model.inputs.map(() => null),
    ({ layer }) => {
      layers.add(layer);
      return layer.inboundNodes[0]!.outputTensors.map(() => null);
    },
  );
  const weights = new Map<tf.layers.Layer, LayerWeights>();
  for (const layer of layers) {
    const own = new Map<string, WeightValues>();
    for (const weight of layer.weights) {
      const { originalName } = weight;
      const values = Float32Array.from(await weight.read().data());
      own.set(originalName.slice(originalName.lastIndexOf('/') + 1), { shape: weight.shape as number[], values });
    }
    weights.set(layer, own);
  }
  return weights;
}

/** Layout of the model's images at the border of the graph. */
interface Flips {
  /** True if the model's images are channels first. */
  readonly channelsFirst: boolean;
  /** Permutation from the model's order to that of the file; undefined if they are the same. */
  readonly perm: readonly number[] | undefined;
}

/** Order of the axes of the model's images. */
export function layoutOf(model: tf.LayersModel): 'nhwc' | 'nchw' {
  const image = model.inputs.findIndex(({ shape }) => shape.length === 4);
  return image >= 0 && inputLayout(model, image) === 'channelsFirst' ? 'nchw' : 'nhwc';
}

function flipOf(model: tf.LayersModel, layout: GraphSettings['layout']): Flips {
  const own = layoutOf(model);
  const channelsFirst = own === 'nchw';
  if (layout === undefined || layout === own) return { channelsFirst, perm: undefined };
  return { channelsFirst, perm: layout === 'nchw' ? TO_CHANNELS_FIRST : TO_CHANNELS_LAST };
}

/** Sizes of an input, with names for those that vary. */
function namedAxes(shape: tf.Shape, first: string, channelsFirst: boolean): (number | string | undefined)[] {
  const image = channelsFirst ? ['channels', 'height', 'width'] : ['height', 'width', 'channels'];
  return shape.map((size, axis) => {
    if (size !== null) return size;
    if (axis === 0) return first;
    return shape.length === 4 ? image[axis - 1] : undefined;
  });
}

/** Border of the graph. */
interface Border {
  readonly flips: Flips;
  /** Names of inputs and outputs. */
  readonly taken: Set<string>;
  readonly hasRegions: boolean;
  /** New names of values. */
  readonly renamed: Map<string, string>;
}

/** Adds an output under the name of its layer, as far as that is free. */
function addOutput(graph: OnnxGraph, given: Value, layer: string, border: Border): Port {
  const { flips, taken, hasRegions, renamed } = border;
  const { perm, channelsFirst } = flips;
  const value = { ...given, name: renamed.get(given.name) ?? given.name };
  const isFlipped = value.shape.length === 4 && perm !== undefined;
  let stored = ordered(graph, value, isFlipped && !channelsFirst);
  if (isFlipped && channelsFirst) stored = graph.node('Transpose', [stored], { perm: TO_CHANNELS_LAST });
  if (taken.has(stored)) stored = graph.node('Identity', [stored]);
  const axes = value.shape.map((size, axis) => size ?? (axis === 0 && !hasRegions ? 'batch' : undefined));
  const shape = isFlipped ? perm.map((axis) => axes[axis]) : axes;
  let name = layer;
  if (taken.has(layer)) name = graph.unique(layer);
  if (stored !== name) {
    // The value before its transpose may have the name.
    rename(graph, renamed, name, graph.unique(`${name}/stored`));
    rename(graph, renamed, stored, name);
  }
  taken.add(name);
  return { name, shape, dtype: value.dtype };
}

/** Renames a value, and notes the new name of values under any older one. */
function rename(graph: OnnxGraph, renamed: Map<string, string>, from: string, to: string): void {
  graph.rename(from, to);
  for (const [older, name] of renamed) if (name === from) renamed.set(older, to);
  renamed.set(from, to);
}
