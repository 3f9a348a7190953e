/** GroupedConv2D: every group is a separate convolution. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { built, callLayer, expectFormatsAgree, expectRefusal, randomTensor, weightOf } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('GroupedConv2D', {
  Layer: conv.GroupedConv2D,
  args: { filters: 6, kernelSize: [3, 2], groups: 3, strides: [1, 2], padding: 'same', kernelRegularizer: 'l2' },
  inputShapes: [[2, 5, 4, 6]],
  outputShape: [2, 5, 2, 6],
  trainable: { kernel: [3, 2, 2, 6], bias: [6] },
});

describeBackends('GroupedConv2D', ({ tolerance }) => {
  it('computes each group by a separate convolution', async () => {
    const x = randomTensor(1, [2, 6, 5, 8]);
    const args = { kernelSize: 3, strides: 2, padding: 1, useBias: false } as const;
    const layer = built(conv.layers.groupedConv2d({ ...args, filters: 12, groups: 4 }), x);
    const parts = tf.split(x, 4, 3).map((part, group) => {
      const separate = conv.layers.conv2d({ ...args, filters: 3 });
      callLayer(separate, part);
      separate.setWeights([tf.split(weightOf(layer, 'kernel'), 4, 3)[group]!]);
      return callLayer(separate, part);
    });
    await expectClose(callLayer(layer, x), tf.concat(parts, 3), tolerance);
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer =>
      conv.layers.groupedConv2d({ filters: 4, kernelSize: 2, groups: 2, ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 6]), tolerance);
  });
});

describe('GroupedConv2D', () => {
  it('costs 1 / groups of the full convolution', () => {
    const args = { filters: 128, kernelSize: 3, padding: 'same', useBias: false } as const;
    const costs = [1, 32].map((groups) => {
      const layer = conv.layers.groupedConv2d({ ...args, groups, inputShape: [14, 14, 128] });
      return conv.cost(tf.sequential({ layers: [layer] })).total;
    });
    expect(costs.map(({ params }) => params.trainable)).toEqual([147_456, 4_608]);
    expect(costs.map(({ macs }) => macs)).toEqual([28_901_376, 903_168]);
  });

  it('requires groups that divide filters and channels', () => {
    const args = { name: 'mine', filters: 4, kernelSize: 3 };
    expectRefusal(
      () => conv.layers.groupedConv2d(args as conv.GroupedConv2DArgs),
      TypeError,
      "Cannot build layer 'mine': groups must be an integer, received groups = undefined",
    );
    expectRefusal(
      () => conv.layers.groupedConv2d({ ...args, groups: 3 }),
      RangeError,
      'groups must divide filters (4), received groups = 3',
    );
    expectRefusal(
      () => conv.layers.groupedConv2d({ ...args, groups: 4 }).apply(tf.zeros([1, 5, 5, 6])),
      RangeError,
      'groups must divide the input channels (6), received groups = 4',
    );
  });
});
