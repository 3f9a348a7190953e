/** Every analysis on models of every shape: stock layers and ours, nested, branching, shared, of several inputs. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';

beforeAll(() => tf.setBackend('wasm'));

/** A model with its inputs and known properties. */
interface Case {
  readonly model: tf.LayersModel;
  readonly x: readonly tf.Tensor[];
  readonly macs: number;
  /** The analysed layer, its receptive field and its output size. */
  readonly layer: string;
  readonly size: readonly [number, number];
  readonly global?: boolean;
  readonly channel?: number;
  /** True if a layer makes the field of a position depend on its parity. */
  readonly enlarges?: boolean;
}

type Tensor = tf.SymbolicTensor;

const then = (x: Tensor, ...layers: tf.layers.Layer[]): Tensor =>
  layers.reduce<Tensor>((y, layer) => layer.apply(y) as Tensor, x);

const noise = (shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', 7);

const CASES: Record<string, () => Case> = {
  'a classifier of stock layers': () => ({
    model: tf.sequential({
      layers: [
        tf.layers.zeroPadding2d({ padding: 1, inputShape: [18, 20, 2] }),
        tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
        tf.layers.batchNormalization(),
        tf.layers.leakyReLU(),
        tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'separable' }),
        tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
        tf.layers.averagePooling2d({ poolSize: 2, strides: 1 }),
        tf.layers.upSampling2d({ size: [2, 2] }),
        tf.layers.cropping2D({ cropping: 1, name: 'cropped' }),
        tf.layers.flatten(),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
      ],
    }),
    x: [noise([2, 18, 20, 2])],
    macs: 9 * 10 * 9 * 2 * 4 + 9 * 10 * (9 * 4 + 4 * 4) + 8 * 9 * 4 * 8 + 12 * 14 * 8 * 3,
    layer: 'cropped',
    size: [11, 11],
    enlarges: true,
  }),
  'its own classes, which see everything': () => ({
    ...CASES['a classifier of stock layers']!(),
    layer: 'classes',
    channel: 1,
    size: [11, 11],
    global: true,
  }),
  'stock layers of channels first': () => ({
    model: tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 4, kernelSize: [3, 5], dataFormat: 'channelsFirst', inputShape: [2, 12, 15] }),
        tf.layers.activation({ activation: 'tanh' }),
        tf.layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst', name: 'last' }),
      ],
    }),
    x: [noise([1, 2, 12, 15])],
    macs: 10 * 11 * 15 * 2 * 4,
    layer: 'last',
    size: [4, 6],
  }),
  'ours of channels first': () => ({
    model: tf.sequential({
      layers: [
        conv.layers.conv2d({ filters: 4, kernelSize: [3, 1], dataFormat: 'channelsFirst', inputShape: [2, 12, 15] }),
        conv.layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2, dataFormat: 'channelsFirst' }),
        conv.layers.dilatedConv2d({ filters: 4, kernelSize: [1, 3], name: 'last', dataFormat: 'channelsFirst' }),
      ],
    }),
    x: [noise([1, 2, 12, 15])],
    macs: 10 * 15 * 3 * 2 * 4 + 10 * 15 * 4 * 4 * 3 + 20 * 30 * 3 * 3 * 4,
    layer: 'last',
    size: [3, 3],
    enlarges: true,
  }),
  'channels moved to the front and back': () => ({
    model: tf.sequential({
      layers: [
        tf.layers.permute({ dims: [3, 1, 2], inputShape: [12, 15, 2] }),
        conv.layers.conv2d({ filters: 4, kernelSize: [3, 5], dataFormat: 'channelsFirst' }),
        tf.layers.permute({ dims: [2, 3, 1] }),
        conv.layers.depthwiseConv2d({ kernelSize: 3, name: 'last' }),
      ],
    }),
    x: [noise([1, 12, 15, 2])],
    macs: 10 * 11 * 15 * 2 * 4 + 8 * 9 * 9 * 4,
    layer: 'last',
    size: [5, 7],
  }),
  'a nested model with branches and a shared layer': () => {
    const input = tf.input({ shape: [14, 13, 2] });
    const shared = conv.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: 'shared' });
    const twice = then(input, shared, shared);
    const wide = then(input, conv.layers.conv2d({ filters: 2, kernelSize: [1, 7], padding: 'same' }));
    const inner = tf.model({ inputs: input, outputs: tf.layers.add({ name: 'sum' }).apply([twice, wide]) as Tensor });
    inner.name = 'inner';
    const outer = tf.input({ shape: [14, 13, 2] });
    const point = conv.layers.pointwiseConv2d({ filters: 3, strides: 2 });
    return {
      model: tf.model({ inputs: outer, outputs: then(inner.apply(outer) as Tensor, point) }),
      x: [noise([2, 14, 13, 2])],
      macs: 14 * 13 * (2 * 9 + 7) * 4 + 49 * 6,
      layer: 'inner/sum',
      size: [5, 7],
    };
  },
  'regions of interest': () => {
    const image = tf.input({ shape: [20, 20, 3] });
    const boxes = tf.input({ shape: [4] });
    const indices = tf.input({ shape: [1], dtype: 'int32' });
    const features = then(image, conv.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'features' }));
    const roi = conv.layers.roiAlign({ outputSize: 3, samplingRatio: 2, name: 'roi' });
    const head = then(
      roi.apply([features, boxes, indices]) as Tensor,
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    );
    return {
      model: tf.model({ inputs: [image, boxes, indices], outputs: head }),
      x: [
        noise([1, 20, 20, 3]),
        tf.tensor2d([
          [2, 3, 12, 15],
          [0, 0, 8, 8],
        ]),
        tf.zeros([2, 1], 'int32'),
      ],
      macs: 400 * 9 * 3 * 4 + 9 * 4 * 2,
      layer: 'roi',
      size: [3, 3],
      global: true,
    };
  },
};

describe.each(Object.entries(CASES))('the analyses of %s', (_, make) => {
  const shapesOf = ({ x }: Case): tf.Shape[] => x.map(({ shape }) => shape.slice(1));

  it('agree on the receptive field', async () => {
    const given = make();
    const { model, x, layer, size, global = false, enlarges = false, channel } = given;
    const field = conv.receptiveField(model, { layer, inputShape: shapesOf(given) });
    expect(field).toMatchObject({ size, global });
    const { map, theoretical, imageSize, share } = await conv.effectiveReceptiveField(model, x, {
      layer,
      ...(channel !== undefined && { channel }),
    });
    expect(imageSize).toEqual([map.length, map[0]!.length]);
    expect(theoretical!.global).toBe(global);
    if (!global && !enlarges) expect(theoretical).toMatchObject({ height: size[0], width: size[1] });
    const { top, left, height, width } = theoretical!;
    const seen = map.flatMap((row, y) => row.flatMap((value, column) => (value > 0 ? [{ y, x: column }] : [])));
    expect(seen.length).toBeGreaterThan(0);
    const beside = seen.filter((at) => at.y < top || at.x < left || at.y >= top + height || at.x >= left + width);
    if (!global) expect(beside).toEqual([]);
    expect(share!).toBeGreaterThan(0);
    expect(share!).toBeLessThanOrEqual(1);
  });

  it('agree on the cost, and measure latency', async () => {
    const given = make();
    const { model, x, macs } = given;
    expect(conv.cost(model, { inputShape: shapesOf(given) }).total.macs).toBe(macs);
    const { models, batchSize } = await conv.compare({ one: model, again: model }, { x, runs: 2, warmUp: 0 });
    expect(batchSize).toBe(x[0]!.shape[0]);
    expect(models.map(({ name, macs: counted, ratio }) => [name, counted, ratio.macs, ratio.params])).toEqual([
      ['one', macs, 1, 1],
      ['again', macs, 1, 1],
    ]);
    for (const { latency } of models) expect(latency.min).toBeGreaterThan(0);
  });
});

describe('samplingLocations() of models of several inputs and layouts', () => {
  it('finds the same in both layouts', async () => {
    const find = async (dataFormat: 'channelsFirst' | 'channelsLast'): Promise<conv.SamplingLocations> => {
      const shape = [15, 11, 2];
      const model = tf.sequential({
        layers: [
          conv.layers.conv2d({
            filters: 2,
            kernelSize: 3,
            strides: 2,
            dataFormat,
            kernelInitializer: 'ones',
            inputShape: dataFormat === 'channelsLast' ? shape : [2, 15, 11],
          }),
          conv.layers.deformableConv2d({ filters: 2, kernelSize: 2, dataFormat, name: 'a', offsetInitializer: 'ones' }),
          conv.layers.deformableConv2d({ filters: 2, kernelSize: 2, dataFormat, name: 'b' }),
        ],
      });
      const x = tf.randomNormal([1, ...shape], 0, 0.05, 'float32', 3);
      return conv.samplingLocations(model, dataFormat === 'channelsLast' ? x : tf.transpose(x, [0, 3, 1, 2]), {
        trace: 2,
      });
    };
    const [last, first] = [await find('channelsLast'), await find('channelsFirst')];
    expect(last.imageSize).toEqual([15, 11]);
    expect(first.outputSize).toEqual(last.outputSize);
    const taps = (found: conv.SamplingLocations): number[] =>
      found.images.flat().flatMap((position) => position.taps.flatMap(({ y, x, weight }) => [y, x, weight]));
    expect(taps(first).length).toBe(5 * 3 * 16 * 3);
    taps(first).forEach((value, index) => {
      expect(value).toBeCloseTo(taps(last)[index]!, 4);
    });
  });

  it('rejects layers behind regions of interest, whose positions are not those of the image', async () => {
    const inputs = [tf.input({ shape: [9, 9, 2] }), tf.input({ shape: [4] }), tf.input({ shape: [1], dtype: 'int32' })];
    const pooled = conv.layers.roiAlign({ outputSize: 9, samplingRatio: 1 }).apply(inputs) as Tensor;
    const layer = conv.layers.deformableConv2d({ filters: 1, kernelSize: 3 });
    const model = tf.model({ inputs, outputs: layer.apply(pooled) as Tensor });
    const x = [tf.ones([1, 9, 9, 2]), tf.tensor2d([[0, 0, 8, 8]]), tf.zeros([1, 1], 'int32')];
    await expect(conv.samplingLocations(model, x)).rejects.toThrow('the model has no deformable layer');
  });
});
