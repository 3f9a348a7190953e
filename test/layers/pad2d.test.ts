/** Padding layers: PyTorch's rules, pixel by pixel. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectFormatsAgree, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

const PADDING = [
  [1, 2],
  [0, 3],
] as const;

runLayerTest('ReflectPad2D', {
  Layer: conv.ReflectPad2D,
  args: { padding: [2, 1] },
  inputShapes: [[2, 4, 3, 2]],
  outputShape: [2, 8, 5, 2],
  trainable: {},
});

runLayerTest('ReplicatePad2D', {
  Layer: conv.ReplicatePad2D,
  args: { padding: PADDING },
  inputShapes: [[2, 4, 3, 2]],
  outputShape: [2, 7, 6, 2],
  trainable: {},
});

runLayerTest('CircularPad2D, channels first', {
  Layer: conv.CircularPad2D,
  args: { padding: 2, dataFormat: 'channelsFirst' },
  inputShapes: [[2, 3, 4, 2]],
  outputShape: [2, 3, 8, 6],
  trainable: {},
});

/** Source index of the padded pixel at `at`, which lies outside 0 … size − 1. */
const SOURCES = {
  reflectPad2d: (at: number, size: number) => (at < 0 ? -at : at < size ? at : 2 * (size - 1) - at),
  replicatePad2d: (at: number, size: number) => Math.min(Math.max(at, 0), size - 1),
  circularPad2d: (at: number, size: number) => (at + size) % size,
} as const;

describeBackends('padding layers', () => {
  it('read the pixels that their rule names', async () => {
    const x = randomTensor(1, [2, 3, 4, 2]);
    for (const [name, source] of Object.entries(SOURCES)) {
      const rows = Array.from({ length: 6 }, (_, row) => source(row - 1, 3));
      const columns = Array.from({ length: 7 }, (_, column) => source(column, 4));
      const wanted = tf.gather(tf.gather(x, tf.tensor1d(rows, 'int32'), 1), tf.tensor1d(columns, 'int32'), 2);
      const layer = conv.layers[name as keyof typeof SOURCES]({ padding: PADDING });
      await expectSameBits(callLayer(layer, x), wanted, name);
    }
  });

  it('support channelsFirst', async () => {
    for (const name of Object.keys(SOURCES)) {
      const make = (format: object): tf.layers.Layer =>
        conv.layers[name as keyof typeof SOURCES]({ padding: PADDING, ...format });
      await expectFormatsAgree(make, randomTensor(2, [2, 4, 5, 3]), 0);
    }
  });
});

describe('padding layers', () => {
  it('shift receptive fields and have no multiply-adds', () => {
    const pad = conv.layers.reflectPad2d({ padding: PADDING, inputShape: [5, 6, 2] });
    const model = tf.sequential({ layers: [pad, conv.layers.conv2d({ filters: 1, kernelSize: 3, useBias: false })] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [3, 3], padding: [1, 0] });
    expect(conv.cost(model).layers[0]).toMatchObject({ macs: 0, outputShape: [8, 9, 2] });
  });

  it('keep unknown sizes unknown', () => {
    const layer = conv.layers.reflectPad2d({ padding: PADDING });
    expect(layer.computeOutputShape([null, null, 4, 2])).toEqual([null, null, 7, 2]);
  });

  it('reject padding that exceeds the image', () => {
    const input = tf.input({ shape: [3, 4, 1] });
    expectRefusal(
      () => conv.layers.reflectPad2d({ name: 'mine', padding: [3, 1] }).apply(input),
      RangeError,
      "Cannot build layer 'mine': paddingMode 'reflect' allows at most 2 on an axis of size 3, received padding = 3",
    );
    expectRefusal(
      () => conv.layers.circularPad2d({ padding: [1, 5] }).apply(input),
      RangeError,
      "paddingMode 'circular' allows at most 4 on an axis of size 4, received padding = 5",
    );
    expectRefusal(() => conv.layers.replicatePad2d({ padding: -1 }), RangeError, 'received padding = -1');
    expectRefusal(
      () => conv.layers.replicatePad2d({ padding: 'same' as never }),
      TypeError,
      "received padding = 'same'",
    );
  });
});
