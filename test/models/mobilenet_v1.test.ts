/** MobileNetV1: the figures of the paper and of keras.applications, names and shapes for Keras weights, and training. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { copyWeights, countParams, randomize } from './support/models.js';
import { loadModel, randomTensor, saveModel, weightName, weightOf } from '../layers/support/layers.js';
import { structureOnly } from './support/structure_only.js';

const SMALL = { alpha: 0.25, inputShape: [32, 32, 3], classes: 10 };

/** The same network, up to its softmax, built from layers of tfjs, as keras.applications builds it. */
function stockMobileNet(size: number, alpha: number, classes: number): tf.LayersModel {
  const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1];
  const channels = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024].map((c) => Math.floor(c * alpha));
  const model = tf.sequential();
  const normalized = (name: string): void => {
    model.add(tf.layers.batchNormalization({ name: `${name}_bn` }));
    model.add(tf.layers.reLU({ name: `${name}_relu`, maxValue: 6 }));
  };
  const full = { useBias: false, padding: 'same' } as const;
  model.add(
    tf.layers.conv2d({
      ...full,
      name: 'conv1',
      filters: 32 * alpha,
      kernelSize: 3,
      strides: 2,
      inputShape: [size, size, 3],
    }),
  );
  normalized('conv1');
  strides.forEach((stride, index) => {
    const block = index + 1;
    if (stride === 2) {
      model.add(
        tf.layers.zeroPadding2d({
          name: `conv_pad_${block}`,
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
      );
    }
    const padding = stride === 2 ? 'valid' : 'same';
    const window = { kernelSize: 3, strides: stride, padding, useBias: false } as const;
    model.add(tf.layers.depthwiseConv2d({ ...window, name: `conv_dw_${block}`, depthMultiplier: 1 }));
    normalized(`conv_dw_${block}`);
    model.add(tf.layers.conv2d({ ...full, name: `conv_pw_${block}`, filters: channels[index]!, kernelSize: 1 }));
    normalized(`conv_pw_${block}`);
  });
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.reshape({ targetShape: [1, 1, channels.at(-1)!] }));
  model.add(tf.layers.conv2d({ name: 'conv_preds', filters: classes, kernelSize: 1 }));
  model.add(tf.layers.reshape({ targetShape: [classes] }));
  return model;
}

describe('mobileNetV1()', () => {
  structureOnly();

  it.each([
    [1, 4_253_864, 4_231_976, 3_228_864],
    [0.75, 2_601_976, 2_585_560, 1_832_976],
    [0.5, 1_342_536, 1_331_592, 829_536],
    [0.25, 475_544, 470_072, 218_544],
  ])('has the parameters of Keras at alpha %d', (alpha, total, trainable, withoutTop) => {
    const model = conv.mobileNetV1({ alpha });
    expect(model.countParams()).toBe(total);
    expect(countParams(model.trainableWeights)).toBe(trainable);
    expect(conv.mobileNetV1({ alpha, includeTop: false }).countParams()).toBe(withoutTop);
  });

  it("has the parameters of the paper's baseline of full convolutions", () => {
    expect(countParams(conv.mobileNetV1({ convolution: 'full' }).trainableWeights)).toBe(29_294_088);
  });

  it('has the layers of Keras, in its order', () => {
    const { layers } = conv.mobileNetV1();
    const norm = (name: string): string[] => [name, `${name}_bn`, `${name}_relu`];
    const blocks = Array.from({ length: 13 }, (_, index) => [
      ...([2, 4, 6, 12].includes(index + 1) ? [`conv_pad_${index + 1}`] : []),
      ...norm(`conv_dw_${index + 1}`),
      ...norm(`conv_pw_${index + 1}`),
    ]);
    const names = [
      ...norm('conv1'),
      ...blocks.flat(),
      'global_average_pooling2d',
      'reshape_1',
      'dropout',
      'conv_preds',
    ];
    expect(layers.slice(1).map(({ name }) => name)).toEqual([...names, 'reshape_2', 'predictions']);
  });

  it('has 137 weights of the shapes of Keras', () => {
    const model = conv.mobileNetV1();
    const shapes = Object.fromEntries(model.weights.map(({ originalName, shape }) => [originalName, shape]));
    expect(Object.keys(shapes).length).toBe(137);
    expect(shapes).toMatchObject({
      'conv1/kernel': [3, 3, 3, 32],
      'conv1_bn/moving_variance': [32],
      'conv_dw_1/depthwise_kernel': [3, 3, 32, 1],
      'conv_pw_1/kernel': [1, 1, 32, 64],
      'conv_dw_13/depthwise_kernel': [3, 3, 1024, 1],
      'conv_pw_13/kernel': [1, 1, 1024, 1024],
      'conv_pw_13_bn/gamma': [1024],
      'conv_preds/kernel': [1, 1, 1024, 1000],
      'conv_preds/bias': [1000],
    });
  });

  it('normalises as Keras, and activates in the same layer', () => {
    const model = conv.mobileNetV1(SMALL);
    for (const layer of model.layers.filter(({ name }) => name.endsWith('_bn'))) {
      expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.99, axis: -1, activation: 'relu6' });
    }
    for (const layer of model.layers.filter(({ name }) => name.endsWith('_relu'))) {
      expect(layer).toBeInstanceOf(conv.Identity);
    }
  });

  it('applies dropout in the head', () => {
    expect(
      conv
        .mobileNetV1({ ...SMALL, dropout: 0.4 })
        .getLayer('dropout')
        .getConfig().rate,
    ).toBe(0.4);
    const dropout = conv.mobileNetV1(SMALL).getLayer('dropout');
    expect(dropout).toBeInstanceOf(conv.Dropout);
    expect(dropout.getConfig().rate).toBe(0.001);
  });

  it.each([
    [224, [112, 112, 56, 56, 28, 28, 14, 14, 14, 14, 14, 14, 7, 7]],
    // Keras pads one row and column whatever the size: 'same' would give 25, 13, 7, 4 and 2.
    [97, [49, 49, 24, 24, 12, 12, 6, 6, 6, 6, 6, 6, 3, 3]],
  ])('has the maps of Keras for images of %d pixels', (size, maps) => {
    const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [size, size, 3] });
    const layers = ['conv1', ...Array.from({ length: 13 }, (_, index) => `conv_pw_${index + 1}`)];
    expect(layers.map((name) => model.getLayer(name).outputShape[1])).toEqual(maps);
  });

  it('accepts images of any size if height and width are null', () => {
    const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [null, null, 1], classes: 3 });
    expect((model.predict(tf.zeros([1, 33, 48, 1])) as tf.Tensor).shape).toEqual([1, 3]);
    expect((model.predict(tf.zeros([2, 64, 32, 1])) as tf.Tensor).shape).toEqual([2, 3]);
  });

  it.each([32, 16, 8, 4, 2, 1].map((map, strideLayers) => [strideLayers, map]))(
    'keeps stride 2 at the first %d places',
    (downsampling, map) => {
      const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 1], includeTop: false, downsampling });
      expect(model.outputShape).toEqual([null, map, map, 256]);
    },
  );

  it('ends at the requested output', () => {
    const end = (options: conv.MobileNetV1Options): tf.LayersModel => conv.mobileNetV1({ ...SMALL, ...options });
    expect(end({ includeTop: false }).outputShape).toEqual([null, 1, 1, 256]);
    expect(end({ includeTop: false, pooling: 'avg' }).outputShape).toEqual([null, 256]);
    expect(end({ includeTop: false, pooling: 'max' }).layers.at(-1)!.getClassName()).toBe('GlobalMaxPooling2D');
    expect(end({}).outputShape).toEqual([null, 10]);
    expect(end({}).layers.at(-1)!.getConfig().activation).toBe('softmax');
    expect(end({ classifierActivation: 'linear' }).layers.at(-1)!.getConfig().activation).toBe('linear');
  });

  it('makes the last depthwise convolutions deformable under their names', () => {
    const model = conv.mobileNetV1({ ...SMALL, deformable: { last: 2, modulated: false } });
    const kinds = model.layers.filter(({ name }) => /^conv_dw_\d+$/.test(name)).map((layer) => layer.getClassName());
    expect(kinds.slice(0, 11).every((kind) => kind === 'Convolutions>DepthwiseConv2D')).toBe(true);
    expect(kinds.slice(11)).toEqual(['Convolutions>DeformableConv2D', 'Convolutions>DeformableConv2D']);
    expect(model.getLayer('conv_dw_12').getConfig()).toMatchObject({
      strides: [2, 2],
      padding: [
        [0, 1],
        [0, 1],
      ],
      modulated: false,
    });
    const shapes = model.getLayer('conv_dw_13').weights.map((weight) => [weightName(weight), weight.shape]);
    expect(shapes).toEqual([
      ['depthwise_kernel', [3, 3, 256, 1]],
      ['offset_kernel', [3, 3, 256, 18]],
      ['offset_bias', [18]],
    ]);
  });

  it('makes the last full convolutions deformable too', () => {
    const model = conv.mobileNetV1({ ...SMALL, convolution: 'full', deformable: { last: 1 } });
    expect(model.getLayer('conv_12')).toBeInstanceOf(conv.Conv2D);
    expect(model.getLayer('conv_13')).toBeInstanceOf(conv.DeformableConv2D);
    expect(model.getLayer('conv_13').weights.map(({ shape }) => shape)).toEqual([
      [3, 3, 256, 256],
      [3, 3, 256, 27],
      [27],
    ]);
  });

  it.each([
    [{ alpha: 0 }, RangeError, 'received alpha = 0'],
    [{ alpha: 'wide' }, TypeError, "received alpha = 'wide'"],
    [{ alfa: 1 }, TypeError, 'received alfa = 1'],
    [{ inputShape: [224, 224] }, TypeError, 'received inputShape = [224, 224]'],
    [{ inputShape: [0, 224, 3] }, RangeError, 'received inputShape = 0'],
    [{ classes: 0 }, RangeError, 'received classes = 0'],
    [{ dropout: 1 }, RangeError, 'received dropout = 1'],
    [{ pooling: 'sum' }, RangeError, "received pooling = 'sum'"],
    [{ convolution: 'dilated' }, RangeError, "received convolution = 'dilated'"],
    [{ downsampling: 6 }, RangeError, 'the network has 5 stride-2 layers, received downsampling = 6'],
    [{ deformable: { last: 14 } }, RangeError, 'the network has 13 such convolutions, received deformable.last = 14'],
    [{ deformable: { last: 1, modulate: true } }, TypeError, 'received deformable.modulate = true'],
    [{ classifierActivation: 'argmax' }, RangeError, "received classifierActivation = 'argmax'"],
  ])('rejects %j', (options, kind, message) => {
    const build = (): unknown => conv.mobileNetV1(options as conv.MobileNetV1Options);
    expect(build).toThrow(kind);
    expect(build).toThrow(message);
    expect(build).toThrow(/^Cannot build mobileNetV1/);
  });
});

describeBackends('mobileNetV1()', ({ tolerance }) => {
  it.each([false, true])(
    'computes what the same network of the layers of tfjs does, training: %s',
    async (training) => {
      const model = conv.mobileNetV1({ ...SMALL, inputShape: [64, 64, 3], classifierActivation: 'linear', dropout: 0 });
      const stock = stockMobileNet(64, 0.25, 10);
      randomize(model);
      copyWeights(model, stock);
      const x = randomTensor(1, [3, 64, 64, 3]);
      const [got, want] = [model, stock].map((network) => network.apply(x, { training }) as tf.Tensor);
      // Rounding errors grow over 27 normalisations.
      await expectClose(got!, want!, 1000 * tolerance);
      const moving = (network: tf.LayersModel): tf.Tensor[] =>
        ['mean', 'variance'].map((name) => weightOf(network.getLayer('conv_pw_13_bn'), `moving_${name}`));
      const [mean, variance] = moving(model);
      await expectClose(mean!, moving(stock)[0]!, 1000 * tolerance, 'mean');
      await expectClose(variance!, moving(stock)[1]!, 1000 * tolerance, 'variance');
    },
  );

  it('computes with deformable blocks at zero offsets what it does without', async () => {
    const options = { ...SMALL, downsampling: 2, includeTop: false };
    const plain = conv.mobileNetV1(options);
    const deformable = conv.mobileNetV1({ ...options, deformable: { last: 3, modulated: false } });
    randomize(plain);
    copyWeights(plain, deformable);
    const x = randomTensor(2, [1, 32, 32, 3]);
    await expectClose(deformable.predict(x) as tf.Tensor, plain.predict(x) as tf.Tensor, 1000 * tolerance);
  });

  it('is restored from a file without custom objects', async () => {
    const model = conv.mobileNetV1({ ...SMALL, downsampling: 2, deformable: { last: 2 } });
    randomize(model);
    const loaded = await loadModel(await saveModel(model));
    const ours = ({ layers }: tf.LayersModel): tf.layers.Layer[] =>
      layers.filter((layer) => layer.getClassName().startsWith('Convolutions>'));
    expect(loaded.layers.map((layer) => layer.getClassName())).toEqual(
      model.layers.map((layer) => layer.getClassName()),
    );
    expect(ours(loaded).map((layer) => layer.getConfig())).toEqual(ours(model).map((layer) => layer.getConfig()));
    const x = randomTensor(3, [1, 32, 32, 3]);
    await expectClose(loaded.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor, 0);
  });

  it('trains, and leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    const model = conv.mobileNetV1({
      shallow: true,
      alpha: 0.125,
      inputShape: [16, 16, 1],
      classes: 3,
      dropout: 0,
      downsampling: 3,
      deformable: { last: 1 },
    });
    randomize(model);
    const optimizer = tf.train.adam(0.02);
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    const x = randomTensor(4, [6, 16, 16, 1]);
    const y = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3).toFloat());
    const fit = async (epochs: number): Promise<number[]> =>
      (await model.fit(x, y, { epochs, batchSize: 6, shuffle: false })).history.loss as number[];
    const [first] = await fit(1);
    const trained = tf.memory().numTensors;
    const losses = await fit(4);
    expect(losses.at(-1)!).toBeLessThan(0.75 * first!);
    expect(tf.memory().numTensors).toBe(trained);
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, y]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
