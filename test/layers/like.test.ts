/** ResizeBilinear and CropLike: the first input at the size of the second, whose values do not matter. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

/** An input of which only the size matters. */
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
    it('match the operators', async () => {
      const x = randomTensor(1, [2, 6, 5, 3]);
      const resized = callLayer(conv.layers.resizeBilinear(), [x, tf.ones([2, 4, 9, 1])]);
      await expectSameBits(resized, conv.resizeBilinear(x as tf.Tensor4D, [4, 9]));
      const cropped = callLayer(conv.layers.cropLike(), [x, tf.ones([2, 4, 5, 1])]);
      await expectSameBits(cropped, tf.slice(x, [0, 0, 0, 0], [2, 4, 5, 3]));
    });

    it('support channelsFirst', async () => {
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

  it('are described to the analysis: the values of the second input are not read', () => {
    const cropped = model(conv.layers.cropLike({ name: 'last' }), 13);
    expect(conv.receptiveField(cropped, { layer: 'last' })).toMatchObject({ size: [1, 1], stride: [1, 1] });
    const resized = model(conv.layers.resizeBilinear({ name: 'last' }), 1);
    expect(conv.cost(resized)).toMatchObject({ uncounted: [], total: { otherOps: { sampling: 13 * 13 } } });
    // With a single input row every output reads that row.
    expect(conv.receptiveField(resized, { layer: 'last' })).toMatchObject({ size: [1, 1], stride: [1, 1] });
  });

  it('read two positions per output when upsampling, and stay centred', () => {
    const image = tf.input({ shape: [16, 16, 1] });
    const x = tf.layers.averagePooling2d({ poolSize: 4 }).apply(image) as tf.SymbolicTensor;
    const outputs = conv.layers.resizeBilinear({ name: 'last' }).apply([x, image]) as tf.SymbolicTensor;
    const field = conv.receptiveField(tf.model({ inputs: image, outputs }), { layer: 'last' });
    // Two windows of 4 around each output, on average.
    const phases = { shift: 4, intervals: [[-4, 3], [-4, 3], [0, 7], [0, 7]] }; // prettier-ignore
    expect(field).toMatchObject({ size: [8, 8], stride: [1, 1], padding: [4, 4], phases: [phases, phases] });
  });

  it('reject a single input, a first input that is too small and unknown options', () => {
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

runLayerTest('UpSampling2D', {
  Layer: conv.UpSampling2D,
  args: { size: [2, 3] },
  inputShapes: [[2, 3, 2, 4]],
  outputShape: [2, 6, 6, 4],
  trainable: {},
});

runLayerTest('UpSampling2D, bilinear, channels first', {
  Layer: conv.UpSampling2D,
  args: { interpolation: 'bilinear', dataFormat: 'channelsFirst' },
  inputShapes: [[2, 4, 3, 2]],
  outputShape: [2, 4, 6, 4],
  trainable: {},
});

runLayerTest('Resizing', {
  Layer: conv.Resizing,
  args: { height: 5, width: 7 },
  inputShapes: [[2, 3, 2, 4]],
  outputShape: [2, 5, 7, 4],
  trainable: {},
});

describeBackends('UpSampling2D and Resizing', (backend) => {
  it.each([
    { to: [6, 10], make: () => conv.layers.upSampling2d({ size: 2 }) },
    { to: [6, 10], make: () => conv.layers.upSampling2d({ size: 2, interpolation: 'bilinear' }) },
    { to: [4, 3], make: () => conv.layers.resizing({ height: 4, width: 3, interpolation: 'nearest' }) },
    { to: [9, 2], make: () => conv.layers.resizing({ height: 9, width: 2 }) },
  ] as const)('have the adjoint as gradient (%#)', async ({ to, make }) => {
    // ⟨R·u, v⟩ = ⟨u, Rᵀ·v⟩, for a batch and images that are not square.
    const [u, v] = [randomTensor(1, [2, 3, 5, 2]), randomTensor(2, [2, ...to, 2])];
    const layer = make();
    const run = (x: tf.Tensor): tf.Tensor => layer.apply(x) as tf.Tensor;
    const inner = async (a: tf.Tensor, b: tf.Tensor): Promise<number> => (await tf.sum(tf.mul(a, b)).data())[0]!;
    const forward = await inner(run(u), v);
    expect(Math.abs(forward)).toBeGreaterThan(0.1);
    const adjoint = await inner(u, tf.grad(run)(u, v));
    expect(Math.abs(forward - adjoint)).toBeLessThan(20 * backend.tolerance);
  });

  it('map an empty batch to an empty batch, with a gradient', () => {
    const layer = conv.layers.upSampling2d();
    const gradient = tf.grad((x) => layer.apply(x) as tf.Tensor)(tf.ones([0, 3, 2, 1]));
    expect(gradient.shape).toEqual([0, 3, 2, 1]);
  });
});

describe('UpSampling2D and Resizing', () => {
  it('are described to the analysis', () => {
    const model = tf.sequential();
    model.add(conv.layers.upSampling2d({ size: [1, 2], interpolation: 'bilinear', inputShape: [4, 5, 3] }));
    model.add(conv.layers.resizing({ name: 'last', height: 8, width: 10, interpolation: 'nearest' }));
    expect(conv.cost(model)).toMatchObject({ uncounted: [], total: { otherOps: { sampling: 4 * 10 * 3 } } });
    expect(conv.receptiveField(model, { layer: 'last' }).size).toEqual([1, 2]);
  });

  it('reject values out of range', () => {
    expectRefusal(() => conv.layers.upSampling2d({ size: 0 }), RangeError, 'received size = 0');
    expectRefusal(() => conv.layers.upSampling2d({ size: [1, 1.5] }), RangeError, 'received size = 1.5');
    expectRefusal(
      () => conv.layers.upSampling2d({ interpolation: 'bicubic' as never }),
      RangeError,
      "interpolation must be one of 'nearest', 'bilinear', received interpolation = 'bicubic'",
    );
    expectRefusal(() => conv.layers.resizing({ height: 0, width: 1 }), RangeError, 'received height = 0');
    expectRefusal(() => conv.layers.resizing({ height: 1 } as never), TypeError, 'received width = undefined');
    expectRefusal(
      () => conv.layers.resizing({ height: 1, width: 1, cropToAspectRatio: true } as never),
      TypeError,
      'received cropToAspectRatio = true',
    );
  });
});
