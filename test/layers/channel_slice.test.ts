/** ChannelSlice: selected channels and rejected arguments. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectFormatsAgree, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('ChannelSlice', {
  Layer: conv.ChannelSlice,
  args: { start: 2, size: 3 },
  inputShapes: [[2, 4, 3, 7]],
  outputShape: [2, 4, 3, 3],
  trainable: {},
});

runLayerTest('ChannelSlice, channels first', {
  Layer: conv.ChannelSlice,
  args: { size: 2, dataFormat: 'channelsFirst' },
  inputShapes: [[2, 6, 4, 3]],
  outputShape: [2, 2, 4, 3],
  trainable: {},
});

describeBackends('ChannelSlice', () => {
  it('is undone by concatenation', async () => {
    const x = randomTensor(1, [2, 3, 2, 5]);
    const parts = [conv.layers.channelSlice({ size: 2 }), conv.layers.channelSlice({ start: 2, size: 3 })];
    const concatenated = tf.concat(
      parts.map((layer) => callLayer(layer, x)),
      3,
    );
    await expectSameBits(concatenated, x);
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer => conv.layers.channelSlice({ start: 1, size: 2, ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 5]), 0);
  });
});

describe('ChannelSlice', () => {
  it('has no multiply-adds and a receptive field of one position', () => {
    const model = tf.sequential({ layers: [conv.layers.channelSlice({ size: 2, inputShape: [5, 4, 6] })] });
    expect(conv.cost(model)).toMatchObject({ total: { macs: 0, params: { trainable: 0 } }, uncounted: [] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [1, 1], global: false });
  });

  it('rejects channels out of range', () => {
    expectRefusal(
      () => conv.layers.channelSlice({ name: 'mine', start: 4, size: 3 }).apply(tf.input({ shape: [2, 2, 6] })),
      RangeError,
      "Cannot build layer 'mine': start + size must be at most the number of input channels (6), received start + size = 7",
    );
    expectRefusal(() => conv.layers.channelSlice({ size: 0 }), RangeError, 'received size = 0');
    expectRefusal(() => conv.layers.channelSlice({ start: -1, size: 1 }), RangeError, 'received start = -1');
  });
});
