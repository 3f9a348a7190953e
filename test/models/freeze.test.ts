/**
 * Transfer learning: a frozen base through fit() of TensorFlow.js, a custom loop and our Trainer, however it was
 * frozen and wherever it is nested. The same recipes in Keras itself: test/interop/keras_freezing.test.ts.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { Trainer, type Dataset } from '../../src/training/index.js';
import { loadModel, randomTensor, saveModel } from '../layers/support/layers.js';
import { values } from '../support/compare.js';
import { Random } from '../support/random.js';

const { layers } = conv;
const CHANNELS = 8;
const SHAPE = [6, 6, CHANNELS];
const same = { filters: CHANNELS, kernelSize: 3, padding: 'same' } as const;

/** Layers with everything that training could change. */
const OURS: Readonly<Record<string, () => tf.layers.Layer>> = {
  'a convolution': () => layers.conv2d(same),
  'a normalisation': () => layers.batchNormalization({ momentum: 0.5 }),
  'a normalisation over rows': () => layers.batchNormalization({ momentum: 0.5, axis: 1 }),
  // Seeded so that its two hidden channels are alive.
  'squeeze and excitation': () =>
    layers.squeezeExcite({ hidden: 2, kernelInitializer: tf.initializers.constant({ value: 0.1 }) }),
  'a deformable convolution': () => layers.deformableConv2d(same),
  'an atrous pyramid': () => layers.atrousSpatialPyramidPooling({ filters: CHANNELS, rates: [1, 2], momentum: 0.5 }),
  'a receptive field block': () => layers.receptiveFieldBlock({ filters: CHANNELS, momentum: 0.5 }),
  'a separable convolution with a normalisation': () =>
    layers.depthwiseSeparableConv2d({ ...same, midActivation: 'relu', midBatchNormalization: true }),
};
const STOCK: Readonly<Record<string, () => tf.layers.Layer>> = {
  'a stock convolution': () => tf.layers.conv2d(same),
  'a stock normalisation': () => tf.layers.batchNormalization({ momentum: 0.5 }),
  'a layer inside a wrapper': () => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: CHANNELS }) }),
};
const PARTS = { ...OURS, ...STOCK };
const names = Object.keys(PARTS);
const ours = Object.keys(OURS);

/** A functional model of one of the layers, or of it in a model of its own. */
function baseOf(part: () => tf.layers.Layer, depth = 0): tf.LayersModel {
  const input = tf.input({ shape: SHAPE });
  const layer = depth === 0 ? part() : baseOf(part, depth - 1);
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
}

/** Models with a base and a trainable head. */
const OUTER: Readonly<Record<string, (base: tf.LayersModel) => tf.LayersModel>> = {
  'first in a tf.Sequential': (base) => tf.sequential({ layers: [base, ...head()] }),
  'second in a tf.Sequential': (base) =>
    tf.sequential({ layers: [tf.layers.reLU({ inputShape: SHAPE }), base, ...head()] }),
  'in a functional model': (base) => {
    const input = tf.input({ shape: SHAPE });
    const outputs = head().reduce(
      (x, layer) => layer.apply(x) as tf.SymbolicTensor,
      base.apply(input) as tf.SymbolicTensor,
    );
    return tf.model({ inputs: input, outputs });
  },
};
const outers = Object.keys(OUTER);
const head = (): tf.layers.Layer[] => [
  tf.layers.globalAveragePooling2d({}),
  tf.layers.dense({ units: 2, activation: 'softmax' }),
];

function compile(model: tf.LayersModel): void {
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy' });
}

async function fit(model: tf.LayersModel): Promise<void> {
  const x = randomTensor(3, [8, ...SHAPE]);
  const y = tf.tile(tf.eye(2), [4, 1]);
  await model.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false });
  tf.dispose([x, y]);
}

/** Names of the weights of a model that a training changes. */
async function movedBy(model: tf.LayersModel, train: () => unknown): Promise<string[]> {
  const weights = [...model.weights];
  const read = async (): Promise<string[]> =>
    Promise.all(weights.map(async (weight) => String((await values(weight.read())).data)));
  const before = await read();
  await train();
  const after = await read();
  return weights.filter((_, index) => before[index] !== after[index]).map(({ originalName }) => originalName);
}

const pairs = (parts: readonly string[]): [string, string][] =>
  parts.flatMap((part) => outers.map((outer): [string, string] => [part, outer]));

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a base that is not frozen', () => {
  test.each(pairs(names))('changes all its weights: %s, %s', async (part, outer) => {
    const base = baseOf(PARTS[part]!);
    const model = OUTER[outer]!(base);
    compile(model);
    expect((await movedBy(base, () => fit(model))).length).toBeGreaterThanOrEqual(base.weights.length / 2);
  });
});

describe('freeze()', () => {
  test.each(pairs(names))('keeps every weight of a base: %s, %s', async (part, outer) => {
    for (const depth of [0, 1]) {
      const base = baseOf(PARTS[part]!, depth);
      const model = OUTER[outer]!(base);
      conv.freeze(base);
      compile(model);
      expect(model.trainableWeights).toHaveLength(2);
      expect(await movedBy(base, () => fit(model))).toEqual([]);
      expect(await movedBy(model, () => fit(model))).toHaveLength(2);
    }
  });

  test.each(pairs(names))('also holds after the model has been compiled: %s, %s', async (part, outer) => {
    const base = baseOf(PARTS[part]!);
    const model = OUTER[outer]!(base);
    compile(model);
    conv.freeze(base);
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await movedBy(base, () => fit(model))).toEqual([]);
    warn.mockRestore();
  });

  test.each(pairs(names))('is undone by unfreeze(): %s, %s', async (part, outer) => {
    const base = baseOf(PARTS[part]!);
    const all = base.trainableWeights.length;
    const model = OUTER[outer]!(base);
    conv.freeze(base);
    compile(model);
    await fit(model);
    conv.unfreeze(base);
    compile(model);
    expect(base.trainableWeights).toHaveLength(all);
    expect((await movedBy(base, () => fit(model))).length).toBeGreaterThanOrEqual(base.weights.length / 2);
  });

  test.each(pairs(ours))('is saved with the model: %s, %s', async (part, outer) => {
    const base = baseOf(PARTS[part]!, 1);
    conv.freeze(base);
    const model = await loadModel(await saveModel(OUTER[outer]!(base)));
    compile(model);
    const moved = await movedBy(model, () => fit(model));
    expect(moved.map((name) => name.split('/').at(-1))).toEqual(['kernel', 'bias']);
    expect(moved.every((name) => name.includes('dense'))).toBe(true);
  });

  test('keeps a custom training loop from changing a base', async () => {
    const base = baseOf(OURS['a normalisation']!);
    const model = OUTER['in a functional model']!(base);
    conv.freeze(base);
    const x = randomTensor(3, [8, ...SHAPE]);
    const step = (): void => {
      tf.train.sgd(0.5).minimize(() => tf.sum(tf.square(model.apply(x, { training: true }) as tf.Tensor)));
    };
    expect(await movedBy(model, step)).toHaveLength(2);
  });

  test('freezes up to a layer, also in nested models, and keeps later ones unchanged', () => {
    const inner = tf.sequential({
      name: 'inner',
      layers: ['a', 'b'].map((name) => tf.layers.dense({ name, units: 2, inputShape: [2] })),
    });
    const model = tf.sequential({ layers: [inner, tf.layers.dense({ name: 'c', units: 2 })] });
    const trained = (): string => model.trainableWeights.map(({ originalName }) => originalName[0]).join('');
    conv.freeze(model, { upTo: 'inner/a' });
    expect(trained()).toBe('bbcc');
    conv.freeze(model, { upTo: 'inner' });
    expect([trained(), inner.trainable, model.trainable]).toEqual(['cc', false, true]);
    conv.unfreeze(model, { from: 'inner/b' });
    expect([trained(), inner.trainable]).toEqual(['bbcc', true]);
    conv.freeze(model);
    expect([trained(), model.trainable]).toEqual(['', false]);
    conv.unfreeze(model, { from: 'c' });
    expect([trained(), inner.trainable, model.trainable]).toEqual(['cc', false, true]);
    conv.unfreeze(model);
    expect(trained()).toBe('aabbcc');
  });

  test('treats layers frozen only by the flag of the model as frozen when a part is unfrozen', () => {
    const model = tf.sequential({
      layers: ['a', 'b'].map((name) => tf.layers.dense({ name, units: 2, inputShape: [2] })),
    });
    model.trainable = false;
    conv.unfreeze(model, { from: 'b' });
    expect(model.trainableWeights.map(({ originalName }) => originalName)).toEqual(['b/kernel', 'b/bias']);
  });

  test.each([
    [conv.freeze, {}, {}, TypeError, 'model must be a tf.LayersModel'],
    [conv.freeze, tf.sequential(), { upto: 'x' }, TypeError, "the options are upTo, received upto = 'x'"],
    [conv.freeze, tf.sequential(), { upTo: 'x' }, RangeError, "received upTo = 'x'"],
    [conv.freeze, tf.sequential(), { upTo: 1 }, TypeError, 'received upTo = 1'],
    [conv.freeze, tf.sequential(), null, TypeError, 'options must be an object of upTo'],
    [conv.unfreeze, tf.sequential(), 'x', TypeError, 'options must be an object of from'],
    [conv.unfreeze, tf.sequential(), { from: 'x' }, RangeError, "received from = 'x'"],
  ] as const)('rejects impossible requests (%#)', (change, model, options, kind, message) => {
    const attempt = (): void => {
      change(model as never, options as never);
    };
    expect(attempt).toThrow(kind);
    expect(attempt).toThrow(message);
  });
});

describe('freezeNormalizations()', () => {
  test.each(['a normalisation', 'a stock normalisation'] as const)(
    'keeps %s, also in a nested model, while the rest trains',
    async (part) => {
      const normalization = baseOf(PARTS[part]!, 1);
      const convolution = baseOf(PARTS['a convolution']!);
      const model = tf.sequential({ layers: [convolution, normalization, ...head()] });
      conv.freezeNormalizations(model);
      compile(model);
      expect(await movedBy(normalization, () => fit(model))).toEqual([]);
      expect(await movedBy(convolution, () => fit(model))).toHaveLength(2);
    },
  );

  test('refuses what is not a model', () => {
    expect(() => {
      conv.freezeNormalizations(layers.batchNormalization() as unknown as tf.LayersModel);
    }).toThrow(/^Cannot freeze the normalizations: /);
  });
});

describe('trainable = false', () => {
  test.each(pairs(names))('of each layer keeps its weights: %s, %s', async (part, outer) => {
    // TensorFlow.js's own normalisation updates its averages whatever its flag.
    const restore = part === 'a stock normalisation' ? conv.accelerateStockLayers() : undefined;
    const base = baseOf(PARTS[part]!);
    for (const layer of base.layers) layer.trainable = false;
    const model = OUTER[outer]!(base);
    compile(model);
    expect(await movedBy(base, () => fit(model))).toEqual([]);
    restore?.();
  });

  test.each(pairs(ours).filter(([, outer]) => outer !== 'first in a tf.Sequential'))(
    'of a model of the host keeps the weights of our layers: %s, %s',
    async (part, outer) => {
      for (const early of [true, false]) {
        const base = baseOf(PARTS[part]!);
        const model = OUTER[outer]!(base);
        if (early) base.trainable = false;
        compile(model);
        const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
        base.trainable = false;
        expect(await movedBy(base, () => fit(model))).toEqual([]);
        warn.mockRestore();
      }
    },
  );

  test('of a model that a tf.Sequential unpacks gives one warning, and none after deliberate unfreezing', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      for (const outer of outers) {
        const base = baseOf(OURS['a normalisation']!);
        const model = OUTER[outer]!(base);
        base.trainable = false;
        if (outer !== 'first in a tf.Sequential') {
          compile(model);
          await fit(model);
        }
        base.trainable = true;
        compile(model);
        await fit(model);
      }
      expect(warn).not.toHaveBeenCalled();
      for (let time = 0; time < 2; time++) {
        const base = baseOf(OURS['a convolution']!);
        const model = OUTER['first in a tf.Sequential']!(base);
        base.trainable = false;
        compile(model);
        await fit(model);
      }
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0]![0]).toMatch(/was frozen by `trainable = false`.*freeze\(model\)/);
    } finally {
      warn.mockRestore();
    }
  });

  test.each(outers)('of a network of this package freezes all of it, before compile() and after: %s', async (outer) => {
    for (const early of [true, false]) {
      const base = conv.mobileNetV2({ alpha: 0.35, inputShape: [6, 6, CHANNELS], includeTop: false });
      const model = OUTER[outer]!(base);
      if (!early) compile(model);
      base.trainable = false;
      expect(base.layers.every(({ trainable }) => !trainable)).toBe(true);
      if (early) compile(model);
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      expect(await movedBy(base, () => fit(model))).toEqual([]);
      warn.mockRestore();
      base.trainable = true;
      compile(model);
      expect((await movedBy(base, () => fit(model))).length).toBeGreaterThan(200);
    }
  });

  test('of a network survives a conversion', () => {
    const base = conv.squeezeNet({ inputShape: [64, 64, 3], classes: 2 });
    base.trainable = false;
    const converted = conv.convertToDeformable(base, { layers: ['fire2_expand3x3'] });
    expect(converted.trainableWeights).toEqual([]);
    expect(converted.layers.every(({ trainable }) => !trainable)).toBe(true);
  });
});

describe('Trainer', () => {
  const images: Dataset = {
    images: Float32Array.from(new Random(3).array([8, ...SHAPE]).data),
    labels: Int32Array.from({ length: 8 }, (_, index) => index % 2),
    height: 6,
    width: 6,
    channels: CHANNELS,
    classNames: ['even', 'odd'],
  };

  test.each(pairs(names))('keeps a base that a model’s flag has frozen: %s, %s', async (part, outer) => {
    const base = baseOf(PARTS[part]!, 1);
    const model = OUTER[outer]!(base);
    base.trainable = false;
    const options = { epochs: 1, batchSize: 4, learningRate: 0.1, seed: 1, augmentation: false } as const;
    const trainer = new Trainer(model, { name: 'random', train: images, test: images }, options);
    expect(await movedBy(base, () => trainer.run())).toEqual([]);
    trainer.dispose();
  });
});
