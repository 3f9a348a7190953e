/** ChannelShuffle: the permutation and its cost. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectFormatsAgree, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('ChannelShuffle', {
  Layer: conv.ChannelShuffle,
  args: { groups: 3 },
  inputShapes: [[2, 4, 3, 12]],
  outputShape: [2, 4, 3, 12],
  trainable: {},
});

runLayerTest('ChannelShuffle, channels first', {
  Layer: conv.ChannelShuffle,
  args: { groups: 2, dataFormat: 'channelsFirst' },
  inputShapes: [[2, 6, 4, 3]],
  outputShape: [2, 6, 4, 3],
  trainable: {},
});

describeBackends('ChannelShuffle', () => {
  it('distributes the channels of each group over all groups', async () => {
    const x = randomTensor(1, [2, 3, 2, 6]);
    const order = [0, 2, 4, 1, 3, 5];
    const wanted = tf.gather(x, tf.tensor1d(order, 'int32'), 3);
    await expectSameBits(callLayer(conv.layers.channelShuffle({ groups: 3 }), x), wanted);
    await expectSameBits(callLayer(conv.layers.channelShuffle({ groups: 2 }), wanted), x);
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer => conv.layers.channelShuffle({ groups: 4, ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 8]), 0);
  });
});

describe('ChannelShuffle', () => {
  it('has no multiply-adds and a receptive field of one position', () => {
    const model = tf.sequential({ layers: [conv.layers.channelShuffle({ groups: 2, inputShape: [5, 4, 6] })] });
    expect(conv.cost(model)).toMatchObject({ total: { macs: 0, params: { trainable: 0 } }, uncounted: [] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [1, 1], global: false });
  });

  it('rejects groups that do not divide the channels', () => {
    expectRefusal(
      () => conv.layers.channelShuffle({ name: 'mine', groups: 4 }).apply(tf.input({ shape: [2, 2, 6] })),
      RangeError,
      "Cannot build layer 'mine': groups must divide the input channels (6), received groups = 4",
    );
    expectRefusal(() => conv.layers.channelShuffle({ groups: 0 }), RangeError, 'received groups = 0');
  });
});
