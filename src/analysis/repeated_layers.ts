/**
 * Descriptions of tfjs's layers that apply other layers step by step along a sequence: recurrent layers and wrappers.
 */
import * as tf from '@tensorflow/tfjs';
import {
  POINTWISE_WINDOW,
  type ConvolutionWork,
  type LayerDescription,
  type LayerWindow,
} from '../layers/description.js';
import { elementsOf, foldModel, outputShapesOf } from './graph.js';

/** Describes any layer; undefined for a class without a description. */
export type DescribeLayer = (
  layer: tf.layers.Layer,
  inputs: readonly tf.Shape[],
  output: tf.Shape,
) => LayerDescription | undefined;

type Describe = (layer: tf.layers.Layer, input: tf.Shape, describe: DescribeLayer) => LayerDescription | undefined;

/** Every step depends on the steps before it, so that image positions have no meaning here. */
const SEQUENCE_WINDOW: LayerWindow = { ...POINTWISE_WINDOW, global: true };

/** Internals of TensorFlow.js's layers that their types omit. */
interface Wrapper extends tf.layers.Layer {
  readonly layer: tf.layers.Layer;
}
interface Bidirectional extends tf.layers.Layer {
  readonly forwardLayer: tf.layers.Layer;
  readonly backwardLayer: tf.layers.Layer;
}
interface Cell extends tf.layers.Layer {
  readonly cells?: readonly Cell[];
}
interface Recurrent extends tf.layers.Layer {
  readonly cell: Cell;
}

/** Nonlinear functions per unit and step: gates, candidate and, in an LSTM, the output state. */
const ACTIVATIONS: Readonly<Record<string, number>> = { SimpleRNNCell: 1, GRUCell: 3, LSTMCell: 5, ConvLSTM2DCell: 5 };

/** Each step multiplies the input by one kernel and the state by another. */
const recurrent: Describe = (layer, input) => {
  const { cell } = layer as Recurrent;
  const cells = cell.cells ?? [cell];
  if (!cells.every((one) => one.getClassName() in ACTIVATIONS)) return undefined;
  const steps = input[1]!;
  // A convolutional cell outputs images of the size of the layer's output.
  const spatial = elementsOf(layer.computeOutputShape([...input]) as tf.Shape);
  const positionsOf = (units: number): number =>
    cells[0]!.getClassName() === 'ConvLSTM2DCell' ? (steps * spatial) / units / outputSteps(layer, steps) : steps;
  const works: ConvolutionWork[] = [];
  let [bias, activation] = [0, 0];
  for (const one of cells) {
    const units = (one.getConfig().units ?? one.getConfig().filters) as number;
    const positions = positionsOf(units);
    activation += positions * units * ACTIVATIONS[one.getClassName()]!;
    for (const { shape } of one.weights) {
      if (shape.length === 1) bias += positions * shape[0]!;
      else works.push(productOf(shape as number[], positions));
    }
  }
  return { convolutions: works, otherOps: { bias, activation }, windows: [SEQUENCE_WINDOW] };
};

/** Kernel [..., in, out] applied at each position. */
function productOf(shape: readonly number[], positions: number): ConvolutionWork {
  const kernelSize = shape.length === 2 ? [1] : shape.slice(0, -2);
  const [inChannels, outChannels] = shape.slice(-2) as [number, number];
  return { role: 'main', kernelSize, inChannels, outChannels, groups: 1, positions };
}

/** Number of steps in the output. */
function outputSteps(layer: tf.layers.Layer, steps: number): number {
  return layer.getConfig().returnSequences === true ? steps : 1;
}

const bidirectional: Describe = (layer, input, describe) => {
  const { forwardLayer, backwardLayer } = layer as Bidirectional;
  return sum([forwardLayer, backwardLayer].map((one) => describe(one, [input], input)));
};

const timeDistributed: Describe = (layer, [batch, steps, ...rest], describe) => {
  const inner = (layer as Wrapper).layer;
  const input: tf.Shape = [batch!, ...rest];
  const one =
    inner instanceof tf.LayersModel ? describeModel(inner, input, describe) : describeOnce(inner, input, describe);
  return one && sum(new Array<LayerDescription>(steps!).fill(one));
};

function describeOnce(layer: tf.layers.Layer, input: tf.Shape, describe: DescribeLayer): LayerDescription | undefined {
  return describe(layer, [input], outputShapesOf(layer, [input])[0]!);
}

function describeModel(model: tf.LayersModel, input: tf.Shape, describe: DescribeLayer): LayerDescription | undefined {
  const parts: (LayerDescription | undefined)[] = [];
  foldModel<tf.Shape>(model, [input], ({ layer }, shapes) => {
    const outputs = outputShapesOf(layer, shapes);
    parts.push(describe(layer, shapes, outputs[0]!));
    return outputs;
  });
  return sum(parts);
}

/** Sum of the work of all parts; undefined if one part is undefined. */
function sum(parts: readonly (LayerDescription | undefined)[]): LayerDescription | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  const otherOps: Record<string, number> = {};
  for (const part of known) {
    for (const [name, count] of Object.entries(part.otherOps ?? {})) otherOps[name] = (otherOps[name] ?? 0) + count;
  }
  return {
    convolutions: known.flatMap(({ convolutions = [] }) => convolutions),
    otherOps: otherOps,
    windows: [SEQUENCE_WINDOW],
  };
}

const REPEATED_LAYERS: Readonly<Record<string, Describe>> = {
  Bidirectional: bidirectional,
  ConvLSTM2D: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  SimpleRNN: recurrent,
  TimeDistributed: timeDistributed,
};

/** Describes a layer of this kind; undefined for any other. */
export function describeRepeated(
  layer: tf.layers.Layer,
  inputs: readonly tf.Shape[],
  describe: DescribeLayer,
): LayerDescription | undefined {
  return REPEATED_LAYERS[layer.getClassName()]?.(layer, inputs[0]!, describe);
}
