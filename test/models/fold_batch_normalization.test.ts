/** foldBatchNormalization(): the same outputs without the normalisations; the model itself is unchanged. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import { expectRefusal, loadModel, randomizeWeights, randomTensor, saveModel } from '../layers/support/layers.js';

type Make = () => tf.layers.Layer;

const NORMALIZATION = /BatchNormalization$/;

/** Layers of the model and of its nested models. */
function layersOf(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? layersOf(layer) : [layer]));
}

function normalizationsOf(model: tf.LayersModel): string[] {
  return layersOf(model)
    .filter((layer) => NORMALIZATION.test(layer.getClassName()))
    .map(({ name }) => name);
}

/** Random weights and statistics; variances are positive. */
function randomized(model: tf.LayersModel): tf.LayersModel {
  layersOf(model).forEach((layer, index) => {
    randomizeWeights(layer, 10 * index);
  });
  return model;
}

function sequence(inputShape: tf.Shape, ...makers: readonly Make[]): tf.LayersModel {
  const layers = [tf.layers.inputLayer({ inputShape }), ...makers.map((make) => make())];
  return randomized(tf.sequential({ layers }));
}

const normalize: Make = () => conv.layers.batchNormalization({ activation: 'relu6', epsilon: 0.01 });

/** Every convolution into which a normalisation can be folded, on images of 6 channels. */
const CONVOLUTIONS: Readonly<Record<string, Make>> = {
  'conv2d of tfjs': () => tf.layers.conv2d({ filters: 4, kernelSize: 3, kernelConstraint: 'unitNorm' }),
  'depthwiseConv2d of tfjs': () => tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, useBias: false }),
  'separableConv2d of tfjs': () => tf.layers.separableConv2d({ filters: 4, kernelSize: 3 }),
  'conv2dTranspose of tfjs': () => tf.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2 }),
  conv2d: () => conv.layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
  'conv2d in groups': () => conv.layers.groupedConv2d({ filters: 4, kernelSize: 3, groups: 2 }),
  dilatedConv2d: () => conv.layers.dilatedConv2d({ filters: 4, kernelSize: 3 }),
  pointwiseConv2d: () => conv.layers.pointwiseConv2d({ filters: 4, useBias: false }),
  depthwiseConv2d: () => conv.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
  'depthwiseSeparableConv2d, normalised inside': () =>
    conv.layers.depthwiseSeparableConv2d({ filters: 4, kernelSize: 3, midBatchNormalization: true }),
  'conv2dTranspose in groups': () => conv.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, groups: 2 }),
  deformableConv2d: () => conv.layers.deformableConv2d({ filters: 4, kernelSize: 3, useBias: false }),
  'deformableConv2d, depthwise': () => conv.layers.deformableConv2d({ kernelSize: 3, depthwise: true }),
};

describeBackends('foldBatchNormalization()', ({ tolerance }) => {
  it.each(Object.keys(CONVOLUTIONS))('folds into %s', async (name) => {
    const model = sequence([7, 6, 6], CONVOLUTIONS[name]!, normalize);
    const folded = conv.foldBatchNormalization(model);
    expect(normalizationsOf(folded)).toEqual([]);
    const x = randomTensor(1, [2, 7, 6, 6]);
    await expectClose(folded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor, 10 * tolerance);
  });
});

/** Packed images of the convolutions that have the option, by their names. */
function packedImagesOf(model: tf.LayersModel): Record<string, unknown> {
  const convolutions = layersOf(model).filter((layer) => layer.getConfig()['packedImages'] !== undefined);
  return Object.fromEntries(convolutions.map((layer) => [layer.name, layer.getConfig()['packedImages']]));
}

describeBackends("foldBatchNormalization({ precision: 'half' })", () => {
  it('keeps the outputs within the precision, with packed images between convolutions', async () => {
    const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor =>
      layer.apply(x) as tf.SymbolicTensor;
    const normalized = (name: string, x: tf.SymbolicTensor): tf.SymbolicTensor =>
      apply(conv.layers.batchNormalization({ name: `${name}_bn`, activation: 'relu6' }), x);
    const pointwise = (name: string, x: tf.SymbolicTensor, filters = 8): tf.SymbolicTensor =>
      apply(conv.layers.pointwiseConv2d({ name, filters, useBias: false }), x);
    const image = tf.input({ shape: [7, 6, 3] });
    const stem = conv.layers.conv2d({ name: 'stem', filters: 8, kernelSize: 3, kernelConstraint: 'unitNorm' });
    const first = apply(conv.layers.identity({ name: 'relu' }), normalized('stem', apply(stem, image)));
    const depthwise = conv.layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 'same' });
    const second = pointwise('project', normalized('depthwise', apply(depthwise, first)));
    const deformable = { kernelSize: 3, padding: 'same', offsetInitializer: 'glorotUniform' } as const;
    const sampled = apply(conv.layers.deformableConv2d({ name: 'sampled', filters: 8, ...deformable }), second);
    const own = conv.layers.deformableConv2d({ name: 'own', depthwise: true, modulated: false, ...deformable });
    const sum = tf.layers.add().apply([second, apply(own, sampled)]) as tf.SymbolicTensor;
    const expanded = pointwise('expand', sum, 12);
    const odd = pointwise('odd', expanded, 5);
    const model = randomized(tf.model({ inputs: image, outputs: [odd, pointwise('last', expanded, 2)] }));
    const single = conv.foldBatchNormalization(model);
    const half = conv.foldBatchNormalization(model, { precision: 'half' });
    // One that reads 'expand' has an odd number of channels, so it stays in single precision.
    expect(packedImagesOf(half)).toEqual({
      stem: 'output',
      depthwise: 'both',
      project: 'input',
      expand: 'none',
      odd: 'none',
      last: 'none',
    });
    const x = randomTensor(3, [2, 7, 6, 3]);
    const [wanted, found] = [single, half].map((each) => each.predict(x) as tf.Tensor[]) as [tf.Tensor[], tf.Tensor[]];
    for (const [index, output] of found.entries()) {
      await expectClose(output, wanted[index]!, 0.01);
      expect(await largestDifference(output, wanted[index]!)).toBeGreaterThan(0);
    }
    const accelerated = conv.accelerate(half);
    for (let call = 0; call < 3; call++) {
      const outputs = half.predict(x) as tf.Tensor[];
      for (const [index, output] of outputs.entries()) await expectSameBits(output, found[index]!);
    }
    accelerated.dispose();
  });
});

async function largestDifference(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  return (await tf.max(tf.abs(tf.sub(a, b))).data())[0]!;
}

describe('foldBatchNormalization()', () => {
  beforeAll(() => tf.setBackend('wasm'));

  const expectSameOutputs = async (model: tf.LayersModel, inputShape: number[]): Promise<tf.LayersModel> => {
    const folded = conv.foldBatchNormalization(model);
    const x = randomTensor(1, [2, ...inputShape]);
    await expectClose(folded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor, 1e-4);
    return folded;
  };

  it('folds where channels come first, and into a dense layer', async () => {
    const model = sequence(
      [4, 6, 5],
      () => conv.layers.conv2d({ filters: 3, kernelSize: 3, dataFormat: 'channelsFirst' }),
      () => conv.layers.batchNormalization({ axis: 1 }),
      () => tf.layers.flatten(),
      () => tf.layers.dense({ units: 4 }),
      () => tf.layers.batchNormalization({ scale: false, center: false }),
    );
    expect(normalizationsOf(await expectSameOutputs(model, [4, 6, 5]))).toEqual([]);
  });

  it('folds in nested models, also where one is used twice', async () => {
    const inner = sequence(
      [5, 5, 2],
      () => conv.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }),
      normalize,
    );
    const image = tf.input({ shape: [5, 5, 2] });
    const twice = inner.apply(inner.apply(image)) as tf.SymbolicTensor;
    const folded = await expectSameOutputs(tf.model({ inputs: image, outputs: twice }), [5, 5, 2]);
    expect(normalizationsOf(folded)).toEqual([]);
  });

  it('keeps a normalisation if its convolution has other consumers or an activation, or another axis', async () => {
    const image = tf.input({ shape: [6, 5, 3] });
    const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor =>
      layer.apply(x) as tf.SymbolicTensor;
    const normalized = (name: string, x: tf.SymbolicTensor): tf.SymbolicTensor =>
      apply(conv.layers.batchNormalization({ name }), x);
    const convolved = (
      name: string,
      x: tf.SymbolicTensor,
      activation: 'linear' | 'relu' = 'linear',
    ): tf.SymbolicTensor =>
      apply(conv.layers.conv2d({ name, filters: 3, kernelSize: 3, padding: 'same', activation }), x);
    const shared = convolved('shared', image);
    const first = normalized('beside_a_reader', shared);
    const second = normalized('after_an_activation', convolved('active', first, 'relu'));
    const third = normalized('after_an_addition', tf.layers.add().apply([second, shared]) as tf.SymbolicTensor);
    const again = conv.layers.conv2d({ name: 'again', filters: 3, kernelSize: 1 });
    const fourth = normalized('after_one_of_two_uses', apply(again, apply(again, third)));
    const outputs = normalized('foldable', convolved('last', fourth));
    const seen = convolved('seen', outputs);
    const model = randomized(tf.model({ inputs: image, outputs: [normalized('beside_an_output', seen), seen] }));
    const folded = conv.foldBatchNormalization(model);
    expect(normalizationsOf(folded).sort()).toEqual(
      normalizationsOf(model)
        .filter((name) => name !== 'foldable')
        .sort(),
    );
    const x = randomTensor(3, [2, 6, 5, 3]);
    const [wanted, found] = [model, folded].map((each) => each.predict(x) as tf.Tensor[]) as [tf.Tensor[], tf.Tensor[]];
    for (const [index, output] of found.entries()) await expectClose(output, wanted[index]!, 1e-4);
  });

  it.each([
    ['mobileNetV1', () => conv.mobileNetV1({ alpha: 0.25, inputShape: [33, 32, 3], classes: 5 })],
    ['mobileNetV2', () => conv.mobileNetV2({ alpha: 0.35, inputShape: [33, 32, 3], classes: 5 })],
    ['mobileNetV3Small', () => conv.mobileNetV3Small({ alpha: 0.75, inputShape: [33, 32, 3], classes: 5 })],
    ['shuffleNetV2', () => conv.shuffleNetV2({ alpha: 0.5, inputShape: [33, 32, 3], classes: 5 })],
    ['deepLabV3Plus', () => conv.deepLabV3Plus({ alpha: 0.35, inputShape: [33, 32, 3], classes: 5, filters: 8 })],
  ] as const)('leaves no separate normalisation in %s', async (_, build) => {
    const model = build();
    const names = normalizationsOf(model);
    expect(names.length).toBeGreaterThan(20);
    const folded = await expectSameOutputs(model, [33, 32, 3]);
    expect(normalizationsOf(folded)).toEqual([]);
    const kept = layersOf(model).filter(({ name }) => !names.includes(name));
    expect(
      layersOf(folded)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(kept.map(({ name }) => name).sort());
  });

  it('can be saved, and keeps the model and its memory unchanged', async () => {
    const model = sequence([7, 6, 6], CONVOLUTIONS['conv2d of tfjs']!, normalize);
    const x = randomTensor(1, [2, 7, 6, 6]);
    const wanted = model.predict(x) as tf.Tensor;
    const before = tf.memory().numTensors;
    const folded = conv.foldBatchNormalization(model);
    expect(tf.memory().numTensors - before).toBe(folded.weights.length);
    await expectSameBits(model.predict(x) as tf.Tensor, wanted);
    const loaded = await loadModel(await saveModel(folded));
    await expectSameBits(loaded.predict(x) as tf.Tensor, folded.predict(x) as tf.Tensor);
  });

  describe("with precision 'half'", () => {
    const build = (): tf.LayersModel =>
      randomized(conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], classes: 6 }));

    it('halves the weights of mobileNetV1, and keeps its outputs and cost, also after saving', async () => {
      const model = build();
      const single = conv.foldBatchNormalization(model);
      const before = tf.memory();
      const half = conv.foldBatchNormalization(model, { precision: 'half' });
      const made = tf.memory();
      expect(made.numTensors - before.numTensors).toBe(half.weights.length);
      const bytes = single.weights.reduce((sum, { shape }) => sum + 4 * tf.util.sizeFromShape(shape as number[]), 0);
      expect((made.numBytes - before.numBytes) / bytes).toBeLessThan(0.51);
      const packed = Object.values(packedImagesOf(half));
      expect(['input', 'output', 'both', 'none'].map((kind) => packed.filter((each) => each === kind).length)).toEqual([
        1, 1, 25, 1,
      ]);
      expect(conv.cost(half).total).toMatchObject({ macs: conv.cost(single).total.macs });
      const { trainable, nonTrainable } = conv.cost(half).total.params;
      expect(trainable + nonTrainable).toBe(conv.cost(single).total.params.trainable);
      expect(conv.receptiveField(half).layers.map(({ size }) => size)).toEqual(
        conv.receptiveField(single).layers.map(({ size }) => size),
      );
      const x = randomTensor(1, [2, 32, 32, 3]);
      const got = half.predict(x) as tf.Tensor;
      await expectClose(got, single.predict(x) as tf.Tensor, 0.02);
      const loaded = await loadModel(await saveModel(half));
      await expectSameBits(loaded.predict(x) as tf.Tensor, got);
    });

    it('cannot be trained, folded again or made deformable', async () => {
      const half = conv.foldBatchNormalization(build(), { precision: 'half' });
      half.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
      const fit = half.trainOnBatch(randomTensor(1, [1, 32, 32, 3]), tf.oneHot([1], 6));
      await expect(fit).rejects.toThrow("precision 'half' is for inference and has no gradient");
      expectRefusal(() => conv.convertToDeformable(half), RangeError, 'the model has no convertible convolution');
      const again = conv.foldBatchNormalization(half, { precision: 'half' });
      const x = randomTensor(2, [1, 32, 32, 3]);
      await expectSameBits(again.predict(x) as tf.Tensor, half.predict(x) as tf.Tensor);
    });
  });

  it('rejects anything but a model', () => {
    expectRefusal(() => conv.foldBatchNormalization(null as never), TypeError, 'model must be a tf.LayersModel');
  });
});
