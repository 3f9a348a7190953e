/** convertToDeformable(): the same outputs at first, then training; the model itself is unchanged. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { expectRefusal, loadModel, randomizeWeights, randomTensor, saveModel } from '../layers/support/layers.js';

/** Stock layers and ours, a nested model that is used twice, and a normalisation. */
function network(): tf.LayersModel {
  const input = tf.input({ shape: [9, 8, 2], name: 'image' });
  const nested = tf.sequential({
    name: 'features',
    layers: [
      tf.layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 'same', inputShape: [9, 8, 4] }),
      conv.layers.batchNormalization({ name: 'normalize', activation: 'relu' }),
      conv.layers.pointwiseConv2d({ name: 'point', filters: 4 }),
    ],
  });
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor =>
    layer.apply(x) as tf.SymbolicTensor;
  const first = apply(
    conv.layers.conv2d({ name: 'grouped', filters: 4, kernelSize: 3, padding: 1, groups: 2, activation: 'tanh' }),
    input,
  );
  const twice = apply(nested, apply(nested, first));
  const added = tf.layers.add({ name: 'sum' }).apply([first, twice]) as tf.SymbolicTensor;
  const stock = tf.layers.conv2d({ name: 'stock', filters: 3, kernelSize: [3, 2], strides: 2, useBias: false });
  const model = tf.model({ inputs: input, outputs: apply(stock, added), name: 'whole' });
  for (const layer of [...model.layers, ...nested.layers]) {
    if (!(layer instanceof tf.LayersModel)) randomizeWeights(layer, 7);
  }
  return model;
}

const ALL = ['grouped', 'features/depthwise', 'stock'];

describeBackends('convertToDeformable()', ({ tolerance }) => {
  it('gives a model with the same outputs', async () => {
    const model = network();
    const x = randomTensor(1, [3, 9, 8, 2]);
    const wanted = model.predict(x) as tf.Tensor;
    for (const options of [{}, { modulated: false }, { layers: ['features/depthwise'], offsetGroups: 2 }]) {
      const converted = conv.convertToDeformable(model, options);
      await expectClose(converted.predict(x) as tf.Tensor, wanted, 10 * tolerance);
      await expectSameBits(model.predict(x) as tf.Tensor, wanted);
    }
  });

  it('gives a model that trains, offsets included, and saves', async () => {
    const model = network();
    const before = model.getWeights().map((weight) => weight.clone());
    const converted = conv.convertToDeformable(model, { modulated: true });
    const x = randomTensor(2, [4, 9, 8, 2]);
    const y = randomTensor(3, [4, 4, 4, 3]);
    converted.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' });
    const { history } = await converted.fit(x, y, { epochs: 12, batchSize: 4, shuffle: false });
    const losses = history.loss as number[];
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
    const offset = converted.getLayer('stock').weights.find(({ name }) => name.includes('offset_kernel'))!;
    expect((await tf.max(tf.abs(offset.read())).data())[0]).toBeGreaterThan(0);
    for (const [index, weight] of model.getWeights().entries()) await expectSameBits(weight, before[index]!);
    const loaded = await loadModel(await saveModel(converted));
    await expectSameBits(loaded.predict(x) as tf.Tensor, converted.predict(x) as tf.Tensor);
  });
});

describe('convertToDeformable()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('converts every convolution of more than one tap, or those that are named', () => {
    const deformable = (model: tf.LayersModel): string[] => {
      const nested = model.layers.find((layer) => layer instanceof tf.LayersModel)!;
      const inner = nested.layers.map((layer) => ['features/', layer] as const);
      return [...model.layers.map((layer) => ['', layer] as const), ...inner]
        .filter(([, layer]) => layer instanceof conv.DeformableConv2D)
        .map(([prefix, { name }]) => `${prefix}${name}`);
    };
    const model = network();
    expect(deformable(conv.convertToDeformable(model)).sort()).toEqual([...ALL].sort());
    expect(deformable(conv.convertToDeformable(model, { layers: ['features/point'] }))).toEqual(['features/point']);
    expect(deformable(model)).toEqual([]);
  });

  it('keeps names, window, groups and what is frozen', () => {
    const model = network();
    model.getLayer('grouped').trainable = false;
    const converted = conv.convertToDeformable(model, { modulated: false, offsetLearningRateMultiplier: 0.1 });
    expect([converted.name, converted.layers[0]!.name]).toEqual(['whole', 'image']);
    expect(converted.outputShape).toEqual(model.outputShape);
    expect(converted.getLayer('grouped').getConfig()).toMatchObject({
      trainable: false,
      groups: 2,
      activation: 'tanh',
      modulated: false,
      maskActivation: 'doubleSigmoid',
      offsetLearningRateMultiplier: 0.1,
    });
    expect(converted.getLayer('stock').getConfig()).toMatchObject({
      kernelSize: [3, 2],
      strides: [2, 2],
      useBias: false,
    });
    // A shared model stays shared: its weights count once. Offsets of 2·9 for 2, 2·9 for 4 and 2·6 for 4 channels.
    expect(converted.countParams() - model.countParams()).toBe(18 * (9 * 2 + 1) + 18 * (9 * 4 + 1) + 12 * (6 * 4 + 1));
  });

  it('converts MobileNet to the features of MobileNet', async () => {
    const whole = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], includeTop: false });
    const end = whole.getLayer('conv_pw_3_relu').output as tf.SymbolicTensor;
    const model = tf.model({ inputs: whole.inputs, outputs: end });
    model.layers.forEach((layer, index) => {
      randomizeWeights(layer, 100 * index);
      // Larger kernels: behind small ones, features hardly depend on the image.
      layer.setWeights(layer.getWeights().map((weight) => (weight.rank === 4 ? tf.mul(weight, 4) : weight)));
    });
    const x = randomTensor(4, [2, 32, 32, 3]);
    const wanted = model.predict(x) as tf.Tensor;
    const [first, second] = tf.split(wanted, 2, 0) as [tf.Tensor, tf.Tensor];
    expect(tf.max(tf.abs(tf.sub(first, second))).dataSync()[0]).toBeGreaterThan(0.05);
    const names = ['conv1', 'conv_dw_1', 'conv_dw_2', 'conv_dw_3'];
    const converted = conv.convertToDeformable(model, { layers: names });
    await expectClose(converted.predict(x) as tf.Tensor, wanted, 1e-5);
    for (const name of names) expect(converted.getLayer(name)).toBeInstanceOf(conv.DeformableConv2D);
    expect(conv.cost(converted).total.macs).toBe(conv.cost(model).total.macs);
  });

  it('rejects what it cannot convert', () => {
    const list = 'the convertible convolutions are grouped, features/depthwise, features/point, stock';
    expectRefusal(
      () => conv.convertToDeformable(network(), { layers: ['sum'] }),
      RangeError,
      `Cannot convert the model: ${list}, received layers = 'sum'`,
    );
    const odd = tf.sequential({
      layers: [
        conv.layers.conv2d({ filters: 1, kernelSize: 3, padding: 1, paddingMode: 'reflect', inputShape: [5, 5, 1] }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'same' }),
      ],
    });
    expectRefusal(() => conv.convertToDeformable(odd), RangeError, 'the model has no convertible convolution');
    expectRefusal(() => conv.convertToDeformable('model' as never), TypeError, 'received model = ');
  });
});
