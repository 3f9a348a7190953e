/** AtrousSpatialPyramidPooling: equality with its layers applied one by one, and torchvision's parameter counts. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import {
  built,
  callLayer,
  composed,
  expectFormatsAgree,
  expectRefusal,
  normalizerNames,
  randomTensor,
  snapshot,
} from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

/** Weights of one unit that are trained by gradients. */
function unit(name: string, kernel: readonly number[], channels: number, kind = 'kernel'): object {
  return { [`${name}_${kind}`]: kernel, [`${name}_gamma`]: [channels], [`${name}_beta`]: [channels] };
}
function statistics(names: readonly string[], channels: number): Record<string, number[]> {
  const all = names.flatMap((name) => [`${name}_moving_mean`, `${name}_moving_variance`]);
  return Object.fromEntries(all.map((name) => [name, [channels]]));
}

runLayerTest('AtrousSpatialPyramidPooling', {
  Layer: conv.AtrousSpatialPyramidPooling,
  args: { filters: 3, rates: [1, 2] },
  inputShapes: [[4, 5, 4, 2]],
  outputShape: [4, 5, 4, 3],
  trainable: {
    ...unit('point', [1, 1, 2, 3], 3),
    ...unit('rate_1', [3, 3, 2, 3], 3),
    ...unit('rate_2', [3, 3, 2, 3], 3),
    ...unit('pool', [1, 1, 2, 3], 3),
    ...unit('project', [1, 1, 12, 3], 3),
  },
  nonTrainable: statistics(['point', 'rate_1', 'rate_2', 'pool', 'project'], 3),
});

runLayerTest('AtrousSpatialPyramidPooling with every option', {
  Layer: conv.AtrousSpatialPyramidPooling,
  args: {
    filters: 4,
    rates: [2],
    separable: true,
    imagePooling: false,
    momentum: 0.9,
    epsilon: 0.01,
    kernelInitializer: 'heNormal',
    kernelRegularizer: 'l2',
    dataFormat: 'channelsFirst',
  },
  inputShapes: [[4, 4, 5, 3]],
  outputShape: [4, 4, 5, 3],
  trainable: {
    ...unit('point', [1, 1, 4, 4], 4),
    ...unit('rate_2_depthwise', [3, 3, 4, 1], 4, 'depthwise_kernel'),
    ...unit('rate_2_pointwise', [1, 1, 4, 4], 4),
    ...unit('project', [1, 1, 8, 4], 4),
  },
  nonTrainable: statistics(['point', 'rate_2_depthwise', 'rate_2_pointwise', 'project'], 4),
});

describeBackends('AtrousSpatialPyramidPooling', ({ tolerance }) => {
  it('equals its branches, layer by layer, in training and in inference', async () => {
    const x = randomTensor(1, [3, 6, 5, 4]);
    for (const separable of [false, true]) {
      const layer = built(conv.layers.atrousSpatialPyramidPooling({ filters: 3, rates: [2, 3], separable }), x);
      const weights = snapshot(layer);
      const normalized = (
        name: string,
        training: boolean,
        features: tf.Tensor,
        kernel: tf.layers.Layer,
        kind: string,
      ) =>
        composed(
          features,
          [
            [kernel, weights(`${name}_${kind}`)],
            [conv.layers.batchNormalization({ epsilon: 1e-5, activation: 'relu' }), weights(...normalizerNames(name))],
          ],
          training,
        );
      const point = (name: string, features: tf.Tensor, training: boolean): tf.Tensor =>
        normalized(name, training, features, conv.layers.pointwiseConv2d({ filters: 3, useBias: false }), 'kernel');
      const atrous = (rate: number, training: boolean): tf.Tensor => {
        const args = { kernelSize: 3, dilationRate: rate, padding: 'same', useBias: false } as const;
        const name = `rate_${rate}`;
        if (!separable) return normalized(name, training, x, conv.layers.conv2d({ filters: 3, ...args }), 'kernel');
        const depthwise = conv.layers.depthwiseConv2d(args);
        const depthwiseOutput = normalized(`${name}_depthwise`, training, x, depthwise, 'depthwise_kernel');
        return point(`${name}_pointwise`, depthwiseOutput, training);
      };
      for (const training of [false, true]) {
        const pooled = point('pool', tf.mean(x, [1, 2], true), training);
        const branches = [point('point', x, training), atrous(2, training), atrous(3, training)];
        const concatenated = tf.concat([...branches, tf.tile(pooled, [1, 6, 5, 1])], 3);
        await expectClose(callLayer(layer, x, training), point('project', concatenated, training), 10 * tolerance);
      }
    }
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer =>
      conv.layers.atrousSpatialPyramidPooling({ filters: 2, rates: [1], ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 3]), 10 * tolerance);
  });
});

describe('AtrousSpatialPyramidPooling', () => {
  it.each([
    // Channels, separable, trainable parameters: those of torchvision, and of DeepLabV3+ on MobileNetV2.
    [2048, false, 15_535_104],
    [2048, true, 3_019_776],
    [320, false, 2_706_432],
    [320, true, 750_912],
  ])('has the published number of parameters: %d channels, separable %s: %d', (channels, separable, count) => {
    const layer = conv.layers.atrousSpatialPyramidPooling({ separable, inputShape: [2, 2, channels] });
    const { total } = conv.cost(tf.sequential({ layers: [layer] }));
    expect(total.params.trainable).toBe(count);
  });

  it('counts the work of every branch', () => {
    const layer = conv.layers.atrousSpatialPyramidPooling({ filters: 8, rates: [6, 12], inputShape: [33, 32, 16] });
    const model = tf.sequential({ layers: [layer] });
    const positions = 33 * 32;
    const { total } = conv.cost(model);
    expect(total.macs).toBe(positions * (16 * 8 + 2 * 9 * 16 * 8 + 4 * 8 * 8) + 16 * 8);
    expect(total.otherOps).toMatchObject({ normalization: 8 * (4 * positions + 1), pooling: positions * 16 });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [25, 25], padding: [12, 12], global: true });
  });

  it('rejects invalid rates', () => {
    expectRefusal(
      () => conv.layers.atrousSpatialPyramidPooling({ name: 'mine', rates: [6, 0] }),
      RangeError,
      "Cannot build layer 'mine': rates must be an integer of at least 1, received rates = 0",
    );
    expectRefusal(
      () => conv.layers.atrousSpatialPyramidPooling({ rates: 6 as never }),
      TypeError,
      'received rates = 6',
    );
    expectRefusal(
      () => conv.layers.atrousSpatialPyramidPooling({ name: 'mine', rates: [6, 12, 6] }),
      RangeError,
      "Cannot build layer 'mine': rates must all differ, received rates = [6, 12, 6]",
    );
  });
});
