/**
 * Gaps of TensorFlow.js that docs/tensorflow_gaps.md and README.md claim, tested on TensorFlow.js alone: this file
 * never imports the package. A claim that a later version of TensorFlow.js makes untrue fails here.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

/** Runs a training step of one stock layer. */
async function trainStock(layer: tf.layers.Layer): Promise<void> {
  const model = tf.sequential({ layers: [layer, tf.layers.flatten()] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.ones([1, 8, 8, 4]);
  await model.fit(x, tf.zerosLike(model.predict(x) as tf.Tensor));
}

/**
 * Gradient of Σ avgPool(x) over 3×3 with stride 2, 'same', on 5×5, at the first pixel, one of four in its only window.
 */
function cornerOfAverage(): number {
  const pool = (x: tf.Tensor): tf.Tensor => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same');
  return tf
    .grad(pool)(tf.ones([1, 5, 5, 1]))
    .dataSync()[0]!;
}

const shared = { filters: 4, kernelSize: 3, inputShape: [8, 8, 4] };

describe('TensorFlow.js alone, on cpu,', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test('cannot train a dilated convolution', async () => {
    const layer = tf.layers.conv2d({ ...shared, dilationRate: 2 });
    await expect(trainStock(layer)).rejects.toThrow('dilation rates greater than 1 are not yet supported');
  });

  test('has no gradient of a dilated depthwise convolution', () => {
    const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
    const gradient = tf.grad((x) => tf.depthwiseConv2d(x as tf.Tensor4D, filter, 1, 'valid', 'NHWC', 2));
    expect(() => gradient(tf.ones([1, 8, 8, 1]))).toThrow('dilation rates greater than 1 are not yet supported');
  });

  test('silently ignores the dilation of a depthwise layer', () => {
    const layer = tf.layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2 });
    expect((layer.apply(tf.ones([1, 8, 8, 1])) as tf.Tensor).shape).toEqual([1, 6, 6, 1]);
  });

  test('rejects stride and dilation together', () => {
    const convolve = (): tf.Tensor =>
      tf.conv2d(tf.ones<tf.Rank.R4>([1, 8, 8, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 2, 'valid', 'NHWC', 2);
    expect(convolve).toThrow('Either strides or dilations must be 1');
  });

  test('silently ignores the groups of a layer', () => {
    const layer = tf.layers.conv2d({ ...shared, ...{ groups: 2 } });
    layer.build([null, 8, 8, 4]);
    expect(layer.weights[0]!.shape).toEqual([3, 3, 4, 4]);
  });

  test.each([{ outputPadding: 1 }, { dilationRate: 2 }, { groups: 2 }])(
    'silently ignores %p of a transposed layer',
    (option) => {
      const layer = tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, ...option });
      expect((layer.apply(tf.ones([1, 4, 4, 2])) as tf.Tensor).shape).toEqual([1, 9, 9, 2]);
      expect(layer.weights[0]!.shape).toEqual([3, 3, 2, 2]);
    },
  );

  test('has no numeric padding in its layers', () => {
    expect(() => tf.layers.conv2d({ ...shared, padding: 1 as unknown as 'same' })).toThrow(
      '1 is not a valid PaddingMode',
    );
  });

  test('has a wrong gradient for bilinear resizing with half-pixel centres, and none for rectangles', () => {
    const enlarge = (x: tf.Tensor): tf.Tensor => tf.image.resizeBilinear(x as tf.Tensor4D, [4, 4], false, true);
    // Each of the two pixels of a row gets half.
    const gradient = tf
      .grad(enlarge)(tf.ones([1, 2, 2, 1]))
      .dataSync();
    expect(
      enlarge(tf.tensor4d([1, 0, 1, 0], [1, 2, 2, 1]))
        .mean()
        .dataSync()[0],
    ).toBe(0.5);
    expect(gradient[0]! + gradient[2]!).not.toBe(8);
    expect(() => tf.grad(enlarge)(tf.ones([1, 2, 3, 1]))).toThrow("has shape '1,3,2,1'");
  });

  test('divides the gradient of average pooling by the whole window at the border', () => {
    expect(tf.avgPool(tf.ones<tf.Rank.R4>([1, 5, 5, 1]), 3, 2, 'same').dataSync()[0]).toBe(1);
    expect(cornerOfAverage()).toBeCloseTo(1 / 9);
  });

  test('has a wrong gradient for nearest-neighbour resizing of more than one image', () => {
    const enlarge = (x: tf.Tensor): tf.Tensor => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [4, 4]);
    // Every pixel becomes four. The second image gets none of its gradient.
    const dy = tf.concat([tf.zeros([1, 4, 4, 1]), tf.ones([1, 4, 4, 1])]);
    const gradient = tf.grad(enlarge)(tf.ones([2, 2, 2, 1]), dy);
    expect([...gradient.dataSync().slice(4)]).not.toEqual([4, 4, 4, 4]);
  });

  test('has a gradient of the wrong shape for bilinear resizing of images that are not square', () => {
    const enlarge = (x: tf.Tensor): tf.Tensor => tf.image.resizeBilinear(x as tf.Tensor4D, [4, 6]);
    expect(() => tf.grad(enlarge)(tf.ones([1, 2, 3, 1]))).toThrow("has shape '1,3,2,1'");
  });

  test('upsamples bilinearly to other values than Keras, and resizes to others', () => {
    const x = tf.tensor4d([0, 4], [1, 1, 2, 1]);
    const values = (layer: tf.layers.Layer): number[] => [...(layer.apply(x) as tf.Tensor).dataSync()];
    // Keras: 0, 1, 3, 4 in each row.
    expect(values(tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' })).slice(0, 4)).toEqual([
      0, 2, 4, 4,
    ]);
    expect(values(tf.layers.resizing({ height: 1, width: 3 }))).toEqual([0, 2, 4]);
    expect(tf.layers.resizing({ height: 1, width: 3 }).computeOutputShape([2, 1, 2, 5])).toEqual([1, 3, 2]);
  });

  test('normalises incorrectly over any axis but the last', () => {
    const layer = tf.layers.batchNormalization({ axis: 1, epsilon: 0 });
    layer.build([null, 2, 1, 2]);
    layer.setWeights([tf.ones([2]), tf.zeros([2]), tf.tensor1d([0, 10]), tf.ones([2])]);
    // The rows, and so their means, are 0 and 10.
    const y = layer.apply(tf.tensor4d([0, 0, 10, 10], [1, 2, 1, 2])) as tf.Tensor;
    expect([...y.dataSync()]).not.toEqual([0, 0, 0, 0]);
  });

  test('has no gradient for batch normalisation without scale, and cannot train it without scale or center', async () => {
    const layer = tf.layers.batchNormalization({ scale: false });
    expect(() => tf.grad((x) => layer.apply(x) as tf.Tensor)(tf.ones([2, 2, 2, 3]))).toThrow('undefined');
    for (const args of [{ scale: false }, { center: false }]) {
      await expect(trainStock(tf.layers.batchNormalization({ ...args, inputShape: [8, 8, 4] }))).rejects.toThrow(
        'undefined',
      );
    }
  });

  test('updates the moving averages of a frozen batch normalisation', async () => {
    const layer = tf.layers.batchNormalization({ trainable: false, inputShape: [8, 8, 4] });
    const model = tf.sequential({ layers: [layer, tf.layers.flatten(), tf.layers.dense({ units: 1 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tf.ones([2, 8, 8, 4]), tf.ones([2, 1]));
    expect(layer.weights.map((weight) => weight.read().dataSync()[0])).not.toEqual([1, 0, 0, 1]);
  });

  test('trains every weight of a frozen model that comes first in a tf.Sequential', async () => {
    const base = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    base.trainable = false;
    const model = tf.sequential({ layers: [base, tf.layers.dense({ units: 1 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const before = base.getWeights().map((weight) => String(weight.dataSync()));
    await model.fit(tf.ones([2, 2]), tf.ones([2, 1]));
    base.getWeights().forEach((weight, index) => {
      expect(String(weight.dataSync())).not.toBe(before[index]);
    });
  });

  test('has no deformable convolution', () => {
    const names = [...Object.keys(tf), ...Object.keys(tf.layers), ...Object.keys(tf.image)];
    expect(names.length).toBeGreaterThan(300);
    expect(names.filter((name) => /deform/i.test(name))).toEqual([]);
  });

  test('has no region pooling with a gradient', () => {
    const names = [...Object.keys(tf), ...Object.keys(tf.image)];
    expect(names.filter((name) => /roi/i.test(name))).toEqual([]);
    const crop = (x: tf.Tensor): tf.Tensor =>
      tf.image.cropAndResize(x as tf.Tensor4D, tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [2, 2]);
    expect(() => tf.grad(crop)(tf.ones([1, 4, 4, 1]))).toThrow('gradient function not found for CropAndResize');
  });
});

describe('TensorFlow.js alone, on wasm,', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });

  test.each(['conv2d', 'depthwiseConv2d'] as const)('cannot train %s', async (kind) => {
    await expect(trainStock(tf.layers[kind](shared))).rejects.toThrow(/Kernel '.*Backprop.*' not registered/);
  });

  test('divides the gradient of average pooling by the whole window at the border', () => {
    expect(cornerOfAverage()).toBeCloseTo(1 / 9);
  });

  test('has no 3-D max pooling of values that are not positive', () => {
    const y = tf.maxPool3d(tf.fill<tf.Rank.R5>([1, 2, 2, 2, 1], -1), 2, 2, 'valid').dataSync()[0]!;
    expect(y).not.toBe(-1);
    expect(y).toBeCloseTo(0);
  });

  test('misplaces or loses the gradient of max pooling of values that are not positive', () => {
    const gradient = (x: tf.Tensor4D, size: number, strides: number): number[] => [
      ...tf
        .grad((given) => tf.maxPool(given as tf.Tensor4D, size, strides, 'same'))(x)
        .dataSync(),
    ];
    expect(gradient(tf.tensor4d([-3, -1, -2, -4], [1, 2, 2, 1]), 2, 2)).toEqual([1, 0, 0, 0]);
    // Four windows, each with a gradient of 1.
    const x = tf.tensor4d([-1, -2, -3, -4, -5, -6, -7, -8, -9], [1, 3, 3, 1]);
    expect(gradient(x, 3, 2)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('cannot train an embedding, nor anything behind tf.gather', async () => {
    const gather = (x: tf.Tensor): tf.Tensor => tf.gather(x, tf.tensor1d([0, 1], 'int32'));
    expect(() => tf.grad(gather)(tf.ones([3, 2]))).toThrow("Kernel 'UnsortedSegmentSum' not registered");
    const model = tf.sequential({ layers: [tf.layers.embedding({ inputDim: 3, outputDim: 2, inputLength: 2 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(model.fit(tf.ones([1, 2]), tf.ones([1, 2, 2]))).rejects.toThrow("'UnsortedSegmentSum' not registered");
  });

  test("computes 'same' incorrectly if the kernel is smaller than the stride", async () => {
    const x = tf.range(0, 27 * 27).reshape<tf.Tensor4D>([1, 27, 27, 1]);
    const filter = tf.ones<tf.Rank.R4>([2, 2, 1, 1]);
    const convolve = (): tf.Tensor => tf.conv2d(x, filter, 3, 'same');
    const wrong = await convolve().data();
    await tf.setBackend('cpu');
    const right = await convolve().data();
    await tf.setBackend('wasm');
    expect(right[0]).toBe(0 + 1 + 27 + 28);
    expect(wrong[0]).not.toBe(right[0]);
  });
});
