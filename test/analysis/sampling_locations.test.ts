/** samplingLocations(): taps in pixels of the image, of models built, loaded and nested. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { dataOf } from './support/report.js';
import { loadModel, randomizeWeights, randomTensor, saveModel } from '../layers/support/layers.js';

/** A strided layer, then a deformable one whose offsets are all (dy, dx) and whose mask logits are all `logit`. */
function modelOf(
  dy: number,
  dx: number,
  logit: number,
  options: Partial<conv.DeformableConv2DArgs> = {},
): tf.Sequential {
  const model = tf.sequential({
    layers: [
      conv.layers.conv2d({
        name: 'first',
        filters: 2,
        kernelSize: [3, 5],
        strides: [2, 3],
        padding: 1,
        inputShape: [15, 20, 1],
      }),
      conv.layers.deformableConv2d({
        name: 'second',
        filters: 3,
        kernelSize: [3, 2],
        strides: [1, 2],
        padding: [
          [1, 0],
          [2, 0],
        ],
        dilationRate: [2, 1],
        ...options,
      }),
    ],
  });
  const layer = model.getLayer('second');
  tf.tidy(() => {
    const weights = layer.getWeights();
    const channels = weights.at(-1)!.size;
    const logits = options.modulated === false ? 0 : channels / 3;
    const bias = Array.from({ length: channels }, (_, channel) =>
      channel >= channels - logits ? logit : channel % 2 === 0 ? dy : dx,
    );
    layer.setWeights([...weights.slice(0, -1), tf.tensor1d(bias)]);
  });
  return model;
}

describeBackends('samplingLocations()', () => {
  it('gives taps in pixels of the image, through strides, padding and dilation', async () => {
    const x = randomTensor(1, [2, 15, 20, 1]);
    const result = await conv.samplingLocations(modelOf(0.25, -1.5, 0.5), x, {
      layer: 'second',
      positions: [
        [0, 0],
        [2, 1],
      ],
    });
    expect(result).toMatchObject({
      layer: 'second',
      imageSize: [15, 20],
      outputSize: [5, 4],
      kernelSize: [3, 2],
      // A dilation of 2 and 1, on a map of every second row and every third column.
      tapSpacing: [4, 3],
      offsetGroups: 1,
    });
    expect(result.images.length).toBe(2);
    for (const image of result.images) {
      image.forEach(({ position, taps }, index) => {
        expect(position).toEqual(
          [
            [0, 0],
            [2, 1],
          ][index],
        );
        const [i, j] = position;
        const expected = [0, 1, 2].flatMap((a) =>
          [0, 1].map((b) => {
            const feature = { y: i - 1 + 2 * a + 0.25, x: 2 * j - 2 + b - 1.5 };
            // A position v of the first layer sees the image around 2·v − 1 + 1 and 3·v − 1 + 2.
            return { y: 2 * feature.y, x: 3 * feature.x + 1 };
          }),
        );
        expect(taps.length).toBe(6);
        taps.forEach(({ y, x: column, weight }, tap) => {
          expect(y).toBeCloseTo(expected[tap]!.y, 4);
          expect(column).toBeCloseTo(expected[tap]!.x, 4);
          expect(weight).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 6);
        });
      });
    }
  });

  it('gives the centre at zero offsets', async () => {
    const model = modelOf(0, 0, 0, { kernelSize: 3, padding: 'same', strides: 1, dilationRate: 1, modulated: false });
    const { images } = await conv.samplingLocations(model, tf.zeros([15, 20, 1]));
    for (const { center, taps } of images[0]!) {
      expect(taps[4]).toEqual({ ...center, weight: 1 });
    }
  });

  it('gives all positions row by row, group after group', async () => {
    const model = modelOf(0, 1, 0, { offsetGroups: 2, maskActivation: 'doubleSigmoid' });
    const { images, outputSize } = await conv.samplingLocations(model, tf.zeros([1, 15, 20, 1]));
    expect(outputSize).toEqual([5, 4]);
    expect(images[0]!.map(({ position }) => position)).toEqual(
      [0, 1, 2, 3, 4].flatMap((i) => [0, 1, 2, 3].map((j) => [i, j])),
    );
    for (const { taps } of images[0]!) {
      expect(taps.length).toBe(12);
      expect(taps.slice(6)).toEqual(taps.slice(0, 6));
      expect(taps.every(({ weight }) => weight === 1)).toBe(true);
    }
  });

  it('gives the spread of the samples, weighted by their absolute weights', async () => {
    const model = modelOf(0.25, -1.5, 0.5);
    const layer = model.getLayer('second');
    tf.tidy(() => {
      const weights = layer.getWeights();
      const bias = weights.at(-1)!.arraySync() as number[];
      // The logits are last: of the taps of the first row alone, the others count next to nothing.
      layer.setWeights([...weights.slice(0, -1), tf.tensor1d([...bias.slice(0, 12), 0, 0, -30, -30, -30, -30])]);
    });
    const positions = [[2, 1]] as const;
    const shared = { layer: 'second', positions };
    const { images } = await conv.samplingLocations(model, tf.zeros([15, 20, 1]), shared);
    // Two taps side by side, 3 pixels apart.
    expect(images[0]![0]!.spread).toBeCloseTo(1.5, 4);
    const even = await conv.samplingLocations(modelOf(0.25, -1.5, 0.5), tf.zeros([15, 20, 1]), shared);
    // Rows at −4, 0 and 4, columns at −1.5 and 1.5.
    expect(even.images[0]![0]!.spread).toBeCloseTo(Math.sqrt(32 / 3 + 2.25), 4);
  });

  it('depends on the values of the image', async () => {
    const model = modelOf(0, 0, 0);
    model.layers.forEach((layer) => {
      randomizeWeights(layer, 5);
    });
    const x = randomTensor(2, [2, 15, 20, 1]);
    const { images } = await conv.samplingLocations(model, x, { positions: [[1, 1]] });
    const layer = model.getLayer('second') as unknown as conv.DeformableLayer;
    const { locations, weights } = layer.tapLocations(model.getLayer('first').apply(x) as tf.Tensor);
    const [sampled, masks] = [await locations.array(), await weights!.array()];
    const got = images.map((image) => image[0]!.taps[3]!);
    const want = [0, 1].map((n) => {
      const [y, column] = sampled[n]![1]![1]!.slice(6, 8);
      return { y: 2 * y!, x: 3 * column! + 1, weight: masks[n]![1]![1]![3]! };
    });
    expect(got).toEqual(want);
    expect(got[0]).not.toEqual(got[1]);
  });

  it('works on loaded and nested models', async () => {
    const model = modelOf(0.5, 0.5, 1);
    const x = randomTensor(3, [1, 15, 20, 1]);
    const direct = await conv.samplingLocations(model, x);
    expect(await conv.samplingLocations(await loadModel(await saveModel(model)), x)).toEqual(direct);
    model.name = 'inner';
    const input = tf.input({ shape: [15, 20, 1] });
    const outer = tf.model({ inputs: input, outputs: model.apply(input) as tf.SymbolicTensor });
    expect(await conv.samplingLocations(outer, x)).toEqual({
      ...direct,
      layer: 'inner/second',
      through: ['inner/second'],
    });
  });

  it('serialises without loss and leaks no tensor', async () => {
    const model = modelOf(0.5, 0.5, 1);
    const x = tf.zeros([2, 15, 20, 1]);
    const before = tf.memory().numTensors;
    const result = await conv.samplingLocations(model, x);
    await expect(conv.samplingLocations(model, x, { positions: [[5, 0]] })).rejects.toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
    expect(JSON.parse(JSON.stringify(result))).toEqual(dataOf(result));
  });
});

describe('samplingLocations()', () => {
  beforeAll(() => tf.setBackend('cpu'));
  const x = (): tf.Tensor => tf.zeros([1, 15, 20, 1]);

  it('supports offsets that are inputs', async () => {
    const input = tf.input({ shape: [6, 6, 2] });
    const offset = conv.layers.conv2d({
      filters: 8,
      kernelSize: 2,
      biasInitializer: 'ones',
      kernelInitializer: 'zeros',
    });
    const layer = conv.layers.deformableConv2d({ name: 'deformed', filters: 1, kernelSize: 2, predictOffsets: false });
    const output = layer.apply([input, offset.apply(input) as tf.SymbolicTensor]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    const { images } = await conv.samplingLocations(model, tf.zeros([1, 6, 6, 2]), { positions: [[2, 3]] });
    expect(images[0]![0]!.taps).toEqual([
      { y: 3, x: 4, weight: 1 },
      { y: 3, x: 5, weight: 1 },
      { y: 4, x: 4, weight: 1 },
      { y: 4, x: 5, weight: 1 },
    ]);
  });

  it('rejects unknown layers and positions', async () => {
    const model = modelOf(0, 0, 0);
    const plain = tf.sequential({
      layers: [conv.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [15, 20, 1] })],
    });
    await expect(conv.samplingLocations(model, x(), { layer: 'first' })).rejects.toThrow(
      "Cannot find sampling locations: the deformable layers are second, received layer = 'first'",
    );
    await expect(conv.samplingLocations(plain, x())).rejects.toThrow('the model has no deformable layer');
    await expect(conv.samplingLocations(model, x(), { positions: [[0, 4]] })).rejects.toThrow(
      "positions must lie within the layer's output [5, 4], received positions[0] = [0, 4]",
    );
    await expect(conv.samplingLocations(model, tf.zeros([15, 20]))).rejects.toThrow('x must have rank 3 or 4');
    await expect(conv.samplingLocations(model, 'x' as unknown as tf.Tensor)).rejects.toThrow(TypeError);
    await expect(conv.samplingLocations(model, [])).rejects.toThrow('one tensor for each input of the model (1)');
  });
});
