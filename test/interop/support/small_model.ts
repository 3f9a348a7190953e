/** The model of the files in fixtures/, those files, and checks of a model's weights. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { KerasWeightsError, type WeightMismatch } from '../../../src/interop/index.js';
import { randomTensor } from '../../layers/support/layers.js';
import { FILES, fixture } from './fixtures.js';

export { FILES, fixture };

export interface SmallOptions {
  /** Names of the layers `stem` and `depthwise`. */
  readonly names?: readonly [string, string];
  readonly filters?: number;
  readonly scale?: boolean;
}

/** Builds the model of fixtures/make_fixtures.py, from the host's layers where they do not differ. */
export function small({
  names = ['stem', 'depthwise'],
  filters = 4,
  scale = false,
}: SmallOptions = {}): tf.LayersModel {
  const { layers } = conv;
  const image = tf.input({ shape: [6, 7, 3], name: 'image' });
  const tail = tf.sequential({
    name: 'tail',
    layers: [tf.layers.dense({ units: 3, name: 'scores', inputShape: [2, 3, 2] })],
  });
  const inner = tf.layers.conv2d({ name: 'inner', filters: 2, kernelSize: 1, useBias: false, inputShape: [2, 3, 2] });
  const outputs = [
    layers.dilatedConv2d({ name: names[0], filters, kernelSize: 3, dilationRate: 1, padding: 'valid' }),
    layers.depthwiseConv2d({ name: names[1], kernelSize: 2, depthMultiplier: 2 }),
    layers.depthwiseSeparableConv2d({ name: 'separable', filters: 3, kernelSize: 2 }),
    layers.batchNormalization({ name: 'norm', scale }),
    layers.dropout({ name: 'dropout', rate: 0.5 }),
    tf.layers.conv2d({ filters: 2, kernelSize: 1 }),
    tf.sequential({ name: 'head', layers: [inner, tail] }),
  ].reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, image);
  return tf.model({ inputs: image, outputs, name: 'small' });
}

/** Lists the weights of a model by layer and weight name, in Keras's order. */
export function weightsOf(model: tf.LayersModel): Record<string, { shape: tf.Shape; values: number[] }> {
  const entries = model.layers.flatMap((layer): [string, { shape: tf.Shape; values: number[] }][] =>
    'layers' in layer
      ? Object.entries(weightsOf(layer as tf.LayersModel))
      : layer.weights.map((weight) => [
          `${layer.name}/${weight.originalName.split('/').at(-1)!}`,
          { shape: weight.shape, values: [...weight.read().dataSync()] },
        ]),
  );
  return Object.fromEntries(entries);
}

/** Value i of weight number n is n + i / 100. */
export function fixtureWeights(model: tf.LayersModel): ReturnType<typeof weightsOf> {
  const shapes = Object.entries(weightsOf(model));
  return Object.fromEntries(
    shapes.map(([name, { shape, values }], index) => [
      name,
      { shape, values: values.map((_, position) => Math.fround(index + position / 100)) },
    ]),
  );
}

export function randomize(model: tf.LayersModel): void {
  tf.tidy(() => {
    model.weights.forEach((weight, index) => {
      weight.write(randomTensor(index, weight.shape as number[]));
    });
  });
}

export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}

/** Catches the error with which a file is refused. */
export async function mismatchOf(promise: Promise<unknown>): Promise<WeightMismatch> {
  const error = await failure(promise);
  if (error instanceof KerasWeightsError) return error.mismatch;
  throw error;
}
