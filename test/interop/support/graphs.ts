/** Models of the same graph here and in Keras, with layers created in different orders. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { Random } from '../../support/random.js';
import type { Graph, GraphLayer } from './keras.js';

type Factory = (args: Readonly<Record<string, unknown>>) => tf.layers.Layer;

/** snake_case, as Keras takes arguments, to camelCase. */
function camelCase(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [camel(name), value]));
}

const FACTORIES: Readonly<Record<string, Factory>> = {
  // Keras has one class for both.
  Conv2D: (args) =>
    args['kernel_size'] === 1
      ? conv.layers.pointwiseConv2d(without(args, 'kernel_size') as never)
      : conv.layers.conv2d(camelCase(args) as never),
  DepthwiseConv2D: (args) => conv.layers.depthwiseConv2d(camelCase(args) as never),
  BatchNormalization: (args) => conv.layers.batchNormalization(camelCase(args)),
  Dense: (args) => tf.layers.dense(camelCase(args) as never),
  Add: () => tf.layers.add(),
  // The host's default differs from that of Keras.
  LSTM: (args) => tf.layers.lstm({ ...camelCase(args), recurrentActivation: 'sigmoid' } as never),
  LSTMCell: (args) => tf.layers.lstmCell({ ...camelCase(args), recurrentActivation: 'sigmoid' } as never),
  GRU: (args) => tf.layers.gru({ ...without(args, 'reset_after'), recurrentActivation: 'sigmoid' } as never),
  SimpleRNN: (args) => tf.layers.simpleRNN(camelCase(args) as never),
};

function without(args: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return camelCase(Object.fromEntries(Object.entries(args).filter(([each]) => each !== name)));
}

function buildLayer(layer: GraphLayer, reversed: boolean): tf.layers.Layer {
  if ('calls' in layer) return buildGraph(layer, reversed);
  const { type, arguments: args, layer: inner, cells } = layer;
  if (cells) {
    const built = cells.map((cell) => buildLayer(cell, reversed)) as never;
    return tf.layers.rnn({ ...camelCase(args), cell: built });
  }
  if (inner) {
    const held = buildLayer(inner, reversed) as never;
    if (type === 'Bidirectional') return tf.layers.bidirectional({ layer: held, mergeMode: 'concat' });
    return tf.layers.timeDistributed({ layer: held });
  }
  return FACTORIES[type]!(args);
}

/** Builds the model, with its layers created in the order of the graph or in reverse. */
export function buildGraph({ input, layers, calls, name }: Graph, reversed: boolean): tf.LayersModel {
  const created = new Map<number, tf.layers.Layer>();
  const order = layers.map((_, index) => index);
  for (const index of reversed ? order.reverse() : order) created.set(index, buildLayer(layers[index]!, reversed));
  const tensors = [tf.input({ shape: [...input] })];
  for (const [index, inputs] of calls) {
    const given = inputs.map((at) => tensors[at]!);
    tensors.push(created.get(index)!.apply(given.length > 1 ? given : given[0]!) as tf.SymbolicTensor);
  }
  return tf.model({ inputs: tensors[0]!, outputs: tensors.at(-1)!, ...(name !== undefined && { name }) });
}

const KINDS: readonly GraphLayer[] = [
  { type: 'Conv2D', arguments: { filters: 3, kernel_size: 1, activation: 'tanh' } },
  { type: 'Conv2D', arguments: { filters: 3, kernel_size: 3, padding: 'same', activation: 'tanh' } },
  { type: 'DepthwiseConv2D', arguments: { kernel_size: 3, padding: 'same', activation: 'tanh' } },
  { type: 'Dense', arguments: { units: 3, activation: 'tanh' } },
  { type: 'BatchNormalization', arguments: {} },
];

/** Creates a graph with branches, shared layers and nested models; every tensor has the same shape. */
export function randomGraph(random: Random, depth = 0): Graph {
  const count = random.integer(3, 7);
  const layers: GraphLayer[] = Array.from({ length: count }, () =>
    depth < 2 && random.integer(0, 5) === 0
      ? randomGraph(random, depth + 1)
      : KINDS[random.integer(0, KINDS.length - 1)]!,
  );
  const calls: [number, number[]][] = [];
  const used = new Set<number>();
  const pick = (): number => {
    // Mostly the last one, so that graphs are deep.
    const tensor = random.integer(0, 2) > 0 ? calls.length : random.integer(0, calls.length);
    used.add(tensor);
    return tensor;
  };
  // Each layer once in an order of its own, then some of them again.
  const order = layers.map((_, index) => ({ index, key: random.integer(0, 1e6) })).sort((a, b) => a.key - b.key);
  for (const { index } of order) calls.push([index, [pick()]]);
  for (let again = random.integer(0, 2); again > 0; again--) calls.push([random.integer(0, count - 1), [pick()]]);
  const loose = calls.map((_, index) => index + 1).filter((tensor) => !used.has(tensor));
  if (loose.length > 1) {
    layers.push({ type: 'Add', arguments: {} });
    calls.push([layers.length - 1, loose]);
  }
  return { input: [5, 6, 3], layers, calls };
}
