/** ResizeBilinear and CropLike: the first input at the size of the second, of which nothing else matters. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

/** An input that gives its size alone. */
const like = (...shape: number[]): { readonly 1: () => tf.Tensor } => ({ 1: () => tf.ones(shape) });

runLayerTest('ResizeBilinear', {
  Layer: conv.ResizeBilinear,
  args: {},
  inputShapes: [
    [2, 3, 2, 4],
    [2, 7, 5, 1],
  ],
  given: like(2, 7, 5, 1),
  outputShape: [2, 7, 5, 4],
  trainable: {},
});

runLayerTest('CropLike', {
  Layer: conv.CropLike,
  args: {},
  inputShapes: [
    [2, 6, 4, 3],
    [2, 5, 4, 2],
  ],
  given: like(2, 5, 4, 2),
  outputShape: [2, 5, 4, 3],
  trainable: {},
});

describeBackends(
  'ResizeBilinear and CropLike',
  () => {
    it('give what the operators give', async () => {
      const x = randomTensor(1, [2, 6, 5, 3]);
      const resized = callLayer(conv.layers.resizeBilinear(), [x, tf.ones([2, 4, 9, 1])]);
      await expectSameBits(resized, conv.resizeBilinear(x as tf.Tensor4D, [4, 9]));
      const cropped = callLayer(conv.layers.cropLike(), [x, tf.ones([2, 4, 5, 1])]);
      await expectSameBits(cropped, tf.slice(x, [0, 0, 0, 0], [2, 4, 5, 3]));
    });

    it('work on channels first', async () => {
      const x = randomTensor(2, [2, 6, 5, 3]);
      for (const make of [conv.layers.resizeBilinear, conv.layers.cropLike]) {
        const sameSize = (format: 'channelsFirst' | 'channelsLast'): tf.Tensor =>
          tf.ones(format === 'channelsFirst' ? [2, 1, 4, 3] : [2, 4, 3, 1]);
        const first = callLayer(make({ dataFormat: 'channelsFirst' }), [
          tf.transpose(x, [0, 3, 1, 2]),
          sameSize('channelsFirst'),
        ]);
        const last = callLayer(make({}), [x, sameSize('channelsLast')]);
        await expectSameBits(tf.transpose(first, [0, 2, 3, 1]), last);
      }
    });
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);

describe('ResizeBilinear and CropLike', () => {
  const model = (layer: tf.layers.Layer, size: number): tf.LayersModel => {
    const image = tf.input({ shape: [13, 13, 1] });
    const wide = conv.layers.conv2d({ filters: 1, kernelSize: 9, padding: 'same' }).apply(image) as tf.SymbolicTensor;
    const x = tf.layers.maxPooling2d({ poolSize: 1, strides: 13 / size }).apply(image) as tf.SymbolicTensor;
    return tf.model({ inputs: image, outputs: layer.apply([x, wide]) as tf.SymbolicTensor });
  };

  it('are described to the analysis: the second input is not seen', () => {
    const cropped = model(conv.layers.cropLike({ name: 'last' }), 13);
    expect(conv.receptiveField(cropped, { layer: 'last' })).toMatchObject({ size: [1, 1], stride: [1, 1] });
    const resized = model(conv.layers.resizeBilinear({ name: 'last' }), 1);
    expect(conv.cost(resized)).toMatchObject({ uncounted: [], total: { otherOps: { sampling: 13 * 13 } } });
    // From one row every output reads that row.
    expect(conv.receptiveField(resized, { layer: 'last' })).toMatchObject({ size: [1, 1], stride: [1, 1] });
  });

  it('see two positions apart where they enlarge, and stay centred', () => {
    const image = tf.input({ shape: [16, 16, 1] });
    const x = tf.layers.averagePooling2d({ poolSize: 4 }).apply(image) as tf.SymbolicTensor;
    const outputs = conv.layers.resizeBilinear({ name: 'last' }).apply([x, image]) as tf.SymbolicTensor;
    const field = conv.receptiveField(tf.model({ inputs: image, outputs }), { layer: 'last' });
    // Two windows of 4, around each output in the mean.
    const phases = { shift: 4, intervals: [[-4, 3], [-4, 3], [0, 7], [0, 7]] }; // prettier-ignore
    expect(field).toMatchObject({ size: [8, 8], stride: [1, 1], padding: [4, 4], phases: [phases, phases] });
  });

  it('refuse one input, what is too small and unknown options', () => {
    const x = tf.ones([1, 2, 3, 1]);
    for (const make of [conv.layers.resizeBilinear, conv.layers.cropLike]) {
      expectRefusal(() => make({}).apply(tf.input({ shape: [2, 3, 1] })), TypeError, 'the inputs must be [x, like]');
      expectRefusal(() => callLayer(make({}), x), TypeError, 'the inputs must be [x, like]');
      expectRefusal(() => make({ size: [1, 2] } as object), TypeError, 'received size = [1, 2]');
    }
    expectRefusal(
      () => callLayer(conv.layers.cropLike(), [x, tf.ones([1, 3, 3, 1])]),
      RangeError,
      'the first input must be at least 3×3, received size = [2, 3]',
    );
  });
});
