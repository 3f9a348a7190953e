/** effectiveReceptiveField(): closed forms, defaults and errors. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { dataOf } from './support/report.js';

beforeAll(() => tf.setBackend('wasm'));

const ONES = { filters: 1, kernelSize: 3, kernelInitializer: 'ones', useBias: false } as const;

/** As many 3×3 convolutions of ones as asked for, over 21×21 images. */
function stack(depth: number): tf.Sequential {
  const layers = Array.from({ length: depth }, (_, index) =>
    conv.layers.conv2d({ ...ONES, name: `conv_${index + 1}`, ...(index === 0 && { inputShape: [21, 21, 1] }) }),
  );
  return tf.sequential({ layers });
}

describe('effectiveReceptiveField()', () => {
  it('spreads with the square root of the depth: σ² = 2/3 for each layer of 3×3, a product of binomial sums', async () => {
    for (const depth of [1, 3, 6]) {
      const field = await conv.effectiveReceptiveField(stack(depth), tf.ones([2, 21, 21, 1]), { position: [4, 3] });
      const { map, influence, center, sigma, theoretical, images } = field;
      expect(field).toMatchObject({ layer: `conv_${depth}`, position: [4, 3], channel: null, imageSize: [21, 21] });
      expect(images).toBe(2);
      expect(influence).toBeCloseTo(9 ** depth, 0);
      expect(center.y).toBeCloseTo(4 + depth, 5);
      expect(center.x).toBeCloseTo(3 + depth, 5);
      for (const value of sigma) expect(value).toBeCloseTo(Math.sqrt((2 / 3) * depth), 5);
      expect(theoretical).toEqual({
        top: 4,
        left: 3,
        height: 2 * depth + 1,
        width: 2 * depth + 1,
        global: false,
        dataDependent: false,
      });
      // One path leads to the corner, many to the centre.
      expect(map[4]![3]! * influence).toBeCloseTo(1, 3);
      expect(map.flat().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(map.flat().filter((share) => share > 0).length).toBe((2 * depth + 1) ** 2);
    }
  });

  it('counts extent, area and share as documented', async () => {
    const { extent, area, share } = await conv.effectiveReceptiveField(stack(2), tf.ones([21, 21, 1]), {
      position: [8, 8],
    });
    // Along an axis 1, 2, 3, 2, 1 of 9: each tail of 2.5 % ends within the outermost pixel.
    expect(extent).toEqual({ top: 8, left: 8, bottom: 12, right: 12 });
    expect(share).toBe(1);
    // 1 / 9 of the largest, at the corners, is above 4.55 %.
    expect(area).toBe(25);
    const deep = await conv.effectiveReceptiveField(stack(6), tf.ones([21, 21, 1]), { position: [4, 4] });
    // Trinomial coefficients 1, 6, 21, 50, … of 729: 7 are 1 %, 28 are 3.8 %.
    expect(deep.extent).toEqual({ top: 6, left: 6, bottom: 14, right: 14 });
    expect(deep.share).toBeCloseTo(81 / 169, 10);
  });

  it('has the absolute influence of every channel, averaged over the images', async () => {
    const model = tf.sequential({
      layers: [tf.layers.conv2d({ name: 'mix', filters: 2, kernelSize: 1, useBias: false, inputShape: [3, 3, 2] })],
    });
    // From two channels to two: y₀ = x₀ − 3·x₁, y₁ = 2·x₀ + x₁.
    model.setWeights([tf.tensor4d([1, 2, -3, 1], [1, 1, 2, 2])]);
    const influence = async (channel?: number): Promise<number> => {
      const options = channel === undefined ? {} : { channel };
      return (await conv.effectiveReceptiveField(model, tf.ones([3, 3, 3, 2]), options)).influence;
    };
    expect(await influence(0)).toBe(4);
    expect(await influence(1)).toBe(3);
    expect(await influence()).toBe(Math.abs(1 + 2) + Math.abs(-3 + 1));
    // Two images of which one is beside the kink: ReLU passes half of the influence.
    const gated = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [1, 2, 1] })] });
    const x = tf.tensor4d([1, 1, -1, -1], [2, 1, 2, 1]);
    expect(await conv.effectiveReceptiveField(gated, x)).toMatchObject({ influence: 0.5, map: [[0, 1]] });
  });

  it('analyses the centre of the last layer before global pooling, unless told otherwise', async () => {
    const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3], classes: 4 });
    const x = tf.randomUniform([1, 64, 64, 3], -1, 1, 'float32', 1);
    const field = await conv.effectiveReceptiveField(model, x);
    expect(field).toMatchObject({ layer: 'conv_pw_13_relu', position: [1, 1], theoretical: { height: 315 } });
    // The classifier: one position, four channels.
    const classes = await conv.effectiveReceptiveField(model, x, { layer: 'predictions', channel: 3 });
    expect(classes).toMatchObject({ position: [0, 0], channel: 3, theoretical: { global: true } });
    await expect(conv.effectiveReceptiveField(model, x, { layer: 'predictions', channel: 4 })).rejects.toThrow(
      "channel must be one of the layer's 4, received channel = 4",
    );
  });

  it('analyses a segmentation before its softmax, ignoring its gates', async () => {
    const input = tf.input({ shape: [12, 12, 2] });
    const chain = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]): tf.SymbolicTensor =>
      layers.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x);
    const seen = chain(input, conv.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }));
    const gate = chain(
      seen,
      tf.layers.globalAveragePooling2d({}),
      tf.layers.reshape({ targetShape: [1, 1, 2] }),
      tf.layers.activation({ activation: 'sigmoid' }),
    );
    const gated = tf.layers.multiply({ name: 'gated' }).apply([seen, gate]) as tf.SymbolicTensor;
    const scores = chain(gated, tf.layers.activation({ activation: 'softmax' }));
    const model = tf.model({ inputs: input, outputs: scores });
    const field = await conv.effectiveReceptiveField(model, tf.randomNormal([2, 12, 12, 2], 0, 1, 'float32', 9));
    expect(field).toMatchObject({
      layer: 'gated',
      theoretical: { top: 5, left: 5, height: 3, width: 3, global: true },
    });
    expect(field.map[0]![0]).toBeGreaterThan(0);
  });

  it('includes samples of a deformable layer outside the theoretical field', async () => {
    const layer = conv.layers.deformableConv2d({ ...ONES, name: 'look', padding: 'same', inputShape: [15, 15, 1] });
    const model = tf.sequential({ layers: [layer] });
    const [kernel, offsets] = layer.getWeights();
    const bias = tf.tensor1d(Array.from({ length: 27 }, (_, index) => (index < 18 ? (index % 2 === 0 ? 4.5 : -2) : 0)));
    layer.setWeights([kernel!, offsets!, bias]);
    const { center, theoretical, extent } = await conv.effectiveReceptiveField(model, tf.ones([1, 15, 15, 1]));
    expect(center.y).toBeCloseTo(11.5, 5);
    expect(center.x).toBeCloseTo(5, 5);
    expect(theoretical).toMatchObject({ top: 6, left: 6, height: 3, dataDependent: true });
    expect(extent).toEqual({ top: 10, left: 4, bottom: 13, right: 6 });
  });

  it('has no theoretical field behind a layer without a description', async () => {
    class Opaque extends tf.layers.Layer {
      static className = 'TestOpaqueFirst';
      override computeOutputShape(shape: tf.Shape): tf.Shape {
        return shape;
      }
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul([inputs].flat()[0]!, 2);
      }
    }
    const model = tf.sequential({
      layers: [new Opaque({ inputShape: [5, 5, 1] }), conv.layers.conv2d({ ...ONES, name: 'last' })],
    });
    const field = await conv.effectiveReceptiveField(model, tf.ones([1, 5, 5, 1]));
    expect(field).toMatchObject({ layer: 'last', influence: 18, theoretical: null, share: null });
    expect(String(field)).toMatch(/^last +1, 1 +\? +3 +2\.0, 2\.0 +0\.8, 0\.8 +9 +\?$/m);
  });

  it('has the exact theoretical field behind upsampling layers', async () => {
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ ...ONES, strides: 2, inputShape: [41, 41, 1] }),
        tf.layers.upSampling2d({ size: [2, 3] }),
        conv.layers.conv2d({ ...ONES, name: 'last' }),
      ],
    });
    for (const position of [
      [16, 24],
      [17, 25],
      [18, 26],
    ] as const) {
      // prettier-ignore
      const { map, theoretical } = await conv.effectiveReceptiveField(model, tf.ones([1, 41, 41, 1]), { position });
      const rows = map.map((row) => row.some((share) => share > 0));
      const columns = rows.map((_, column) => map.some((row) => row[column]! > 0));
      const [top, left] = [rows.indexOf(true), columns.indexOf(true)];
      const [height, width] = [rows.lastIndexOf(true) - top + 1, columns.lastIndexOf(true) - left + 1];
      expect(theoretical).toEqual({ top, left, height, width, global: false, dataDependent: false });
    }
  });

  it('prints as a table, serialises to JSON without loss, and leaks no tensor', async () => {
    const model = stack(2);
    const x = tf.ones([1, 21, 21, 1]);
    const before = tf.memory().numTensors;
    const field = await conv.effectiveReceptiveField(model, x, { position: [8, 8] });
    await expect(conv.effectiveReceptiveField(model, x, { position: [17, 0] })).rejects.toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
    expect(String(field).split('\n')).toEqual([
      'layer   position  theoretical  95 % within      centre         σ  pixels    share',
      '─'.repeat(81),
      'conv_2      8, 8            5            5  10.0, 10.0  1.2, 1.2      25  100.0 %',
      'pixels: those above 4.55 % of the largest influence; share: of the theoretical field inside the image',
    ]);
    expect(JSON.parse(JSON.stringify(field))).toEqual(dataOf(field));
  });

  it('rejects invalid models and positions', async () => {
    const model = stack(1);
    const x = tf.ones([1, 21, 21, 1]);
    const find = conv.effectiveReceptiveField;
    await expect(find(model, x, { layer: 'conv_9' })).rejects.toThrow(
      "Cannot find the effective receptive field: layer must be the name of a layer: 'conv_1', received layer = 'conv_9'",
    );
    await expect(find(model, x, { position: [19, 0] })).rejects.toThrow(
      "position must lie within the layer's output [19, 19], received position = [19, 0]",
    );
    await expect(find(model, x, { position: [0.5, 0] })).rejects.toThrow('position must be an integer');
    await expect(find(model, [x, x])).rejects.toThrow('x must be one tensor for each input of the model (1)');
    await expect(find(model, tf.ones([21, 21]))).rejects.toThrow('x must have rank 3 or 4');
    await expect(find('x' as unknown as tf.LayersModel, x)).rejects.toThrow(TypeError);
    const blind = tf.sequential({ layers: [tf.layers.reLU({ name: 'relu', inputShape: [2, 2, 1] })] });
    await expect(find(blind, tf.fill([1, 2, 2, 1], -1))).rejects.toThrow(
      "some pixel must change the output of 'relu' at position [1, 1]; the channels of a softmax always sum to 1: " +
        'choose one by options.channel, received gradient = 0',
    );
    const vector = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
    await expect(find(vector, tf.ones([1, 4]))).rejects.toThrow('the model must have an input [n, height, width');
  });

  it('names the layers of nested models that may be meant', async () => {
    const input = tf.input({ shape: [21, 21, 1] });
    const base = stack(2);
    const model = tf.model({ inputs: input, outputs: base.apply(input) as tf.SymbolicTensor });
    const [first, second] = [`${base.name}/conv_1`, `${base.name}/conv_2`];
    const x = tf.ones([1, 21, 21, 1]);
    const rule = 'layer must be the name of a layer:';
    for (const [layer, meant] of [
      ['conv_1', `'${first}'`],
      [base.name, `'${first}', '${second}'`],
      ['conv_3', `'${first}', '${second}'`],
    ] as const) {
      const message = `${rule} ${meant}, received layer = '${layer}'`;
      await expect(conv.effectiveReceptiveField(model, x, { layer })).rejects.toThrow(message);
      expect(() => conv.receptiveField(model, { layer })).toThrow(message);
    }
    await expect(conv.effectiveReceptiveField(stack(1), x, { layer: 'base/conv_1' })).rejects.toThrow(
      `${rule} 'conv_1', received layer = 'base/conv_1'`,
    );
    expect((await conv.effectiveReceptiveField(model, x, { layer: first })).layer).toBe(first);
  });

  it('takes images of other sizes where the model does, and says so where it does not', async () => {
    expect((await conv.effectiveReceptiveField(stack(1), tf.ones([1, 30, 12, 1]))).imageSize).toEqual([30, 12]);
    const classifier = tf.sequential({
      layers: [
        conv.layers.conv2d({ ...ONES, inputShape: [9, 9, 1] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, name: 'scores' }),
      ],
    });
    const find = (x: tf.Tensor): Promise<unknown> => conv.effectiveReceptiveField(classifier, x, { layer: 'scores' });
    await expect(find(tf.ones([1, 30, 12, 1]))).rejects.toThrow(
      /^Cannot find the effective receptive field: the model must accept images of this size, its own is \[9, 9, 1\] \(.*\), received x.shape = \[1, 30, 12, 1\]$/,
    );
    await expect(find(tf.ones([1, 9, 9, 3]))).rejects.toThrow(
      "the images must have the channels of the model's input [any, 9, 9, 1], received x.shape = [1, 9, 9, 3]",
    );
    await expect(find(tf.zeros([0, 9, 9, 1]))).rejects.toThrow(
      'there must be at least one image, received x.shape = [0, 9, 9, 1]',
    );
  });

  it.each([NaN, Infinity, -Infinity])('rejects images with %d, and a model with such weights', async (value) => {
    const model = stack(2);
    const image = tf.tensor4d(
      Float32Array.from({ length: 441 }, (_, index) => (index === 7 ? value : 1)),
      [1, 21, 21, 1],
    );
    const [ones, kernel] = [tf.ones([1, 21, 21, 1]), tf.fill([3, 3, 1, 1], value)];
    const before = tf.memory().numTensors;
    await expect(conv.effectiveReceptiveField(model, image)).rejects.toThrow(
      `every value of x must be finite, received x at 7 = ${value}`,
    );
    model.layers[1]!.setWeights([kernel]);
    await expect(conv.effectiveReceptiveField(model, ones)).rejects.toThrow(
      'the gradient must be finite (check the weights of the model), received gradient = NaN',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
