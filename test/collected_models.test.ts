/**
 * Nothing of this package holds a model that was disposed: each of its functions is called with one, and the garbage
 * collector must take the model, its variables and its optimizer afterwards.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';
import { exportOnnx, loadKerasWeights, saveKerasWeights } from '../src/interop/index.js';
import * as training from '../src/training/index.js';
import { describeBackends } from './support/backends.js';
import { leftOf, referencesTo, type Held, type References } from './support/garbage.js';
import { temporaryFolder } from './training/support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel } from './training/support/tiny.js';

const inFolder = temporaryFolder();

/** How many models the host keeps. */
const HOST_CACHE = 'TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES';
const hostCacheSize = tf.env().getNumber(HOST_CACHE);

/** Uses a model; what it returns must be collected with it. */
type Use = (model: tf.LayersModel) => Promise<Held> | Held;

const images = (): tf.Tensor4D => tf.zeros([2, 8, 8, 1]);

async function fit(model: tf.LayersModel, optimizer: tf.Optimizer): Promise<Held> {
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const x = images();
  const y = tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]);
  await model.fit(x, y, { epochs: 1 });
  tf.dispose([x, y]);
  optimizer.dispose();
  return [['optimizer', optimizer]];
}

function disposed(model: tf.LayersModel): Held {
  const found = holdings(model);
  model.dispose();
  return found;
}

const USES: Readonly<Record<string, Use>> = {
  'nothing but building': () => [],
  'predict()': (model) => {
    tf.dispose(tf.tidy(() => model.predict(images())));
    return [];
  },
  'variableGrads()': (model) => {
    const loss = (): tf.Scalar => tf.sum(model.apply(images(), { training: true }) as tf.Tensor);
    tf.dispose(tf.tidy(() => tf.variableGrads(loss)));
    return [];
  },
  'fit() with the Adam of the host': (model) => fit(model, tf.train.adam()),
  'fit() with Adam': (model) => fit(model, new training.Adam()),
  'fit() with SGD': (model) => fit(model, new training.SGD({ learningRate: 0.1, momentum: 0.9 })),
  'fit() of a compiled optimizer that is named': async (model) => {
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [images(), tf.zeros([2, 3])];
    await model.fit(x, y, { epochs: 1 });
    tf.dispose([x, y]);
    return [];
  },
  'Trainer, checkpoint and resume()': async (model) => {
    const data = tinyData();
    const options = { ...TINY_OPTIONS, epochs: 1 };
    const trainer = new training.Trainer(model, data, options);
    await trainer.run();
    const other = tinyModel();
    const again = new training.Trainer(other, data, options);
    await training.resume(again, await training.decodeCheckpoint(await training.encodeCheckpoint(trainer), 'one'));
    trainer.dispose();
    again.dispose();
    return [['trainer', trainer], ['data', data], ['optimizer', trainer.optimizer], ...disposed(other)];
  },
  'evaluate() and checkFiniteWeights()': async (model) => {
    await training.evaluate(model, tinyData().test);
    await training.checkFiniteWeights(model);
    return [];
  },
  'saveModel() and loadModel()': async (model) => {
    await training.saveModel(model, inFolder('model'));
    return disposed(await training.loadModel(inFolder('model')));
  },
  'saveKerasWeights() and loadKerasWeights()': async (model) => {
    await saveKerasWeights(model, inFolder('a.weights.h5'));
    await loadKerasWeights(model, inFolder('a.weights.h5'));
    return [];
  },
  'exportOnnx()': async (model) => {
    await exportOnnx(model, { foldBatchNormalization: true });
    return [];
  },
  'freeze() and unfreeze()': (model) => {
    conv.freeze(model);
    conv.unfreeze(model, { from: model.layers.at(-1)!.name });
    return [];
  },
  'freeze() of a stock batch normalization': () => {
    const stock = tf.sequential({
      layers: [tf.layers.conv2d({ filters: 2, kernelSize: 1, inputShape: [8, 8, 1] }), tf.layers.batchNormalization()],
    });
    conv.freeze(stock);
    tf.dispose(tf.tidy(() => stock.predict(images())));
    return disposed(stock);
  },
  'convertToDeformable()': (model) => disposed(conv.convertToDeformable(model)),
  'foldBatchNormalization()': (model) => disposed(conv.foldBatchNormalization(model)),
  'a model in a model': (model) => {
    const outer = tf.sequential({ layers: [model, tf.layers.dense({ units: 1 })] });
    tf.dispose(tf.tidy(() => outer.predict(images())));
    const parts = holdings(outer);
    outer.layers.at(-1)!.dispose();
    return parts;
  },
  'cost(), receptiveField() and separableSavings()': (model) => {
    String(conv.cost(model));
    String(conv.receptiveField(model));
    String(conv.separableSavings(model));
    return [];
  },
  'compare()': async (model) => {
    String(await conv.compare({ model }, { runs: 1, warmUp: 1 }));
    return [];
  },
  'effectiveReceptiveField()': async (model) => {
    // Of some images no pixel changes the middle of the output, where every ReLU gives 0.
    const x = tf.randomUniform([1, 8, 8, 1], 0, 1, 'float32', 1);
    await conv.effectiveReceptiveField(model, x);
    x.dispose();
    return [];
  },
  'samplingLocations()': async (model) => {
    const x = images();
    await conv.samplingLocations(model, x);
    x.dispose();
    return [];
  },
  'accelerateStockLayers()': async (model) => {
    const restore = conv.accelerateStockLayers();
    const held = await fit(model, tf.train.sgd(0.1));
    restore();
    return held;
  },
};

/** A model's parts that must go with it. */
function holdings(model: tf.LayersModel): Held {
  return [
    ['model', model],
    ...model.layers.map((layer) => [`layer '${layer.name}'`, layer] as const),
    ...model.weights.map((weight) => [`variable '${weight.name}'`, weight.read()] as const),
  ];
}

/** In a frame of its own, so that nothing of it is on the stack while the collector works. */
async function useAndDispose(use: Use): Promise<References> {
  const model = tinyModel();
  const parts = holdings(model);
  const more = await use(model);
  model.dispose();
  return referencesTo([...parts, ...more]);
}

/**
 * The host keeps the order of computation of the last 100 models that it has computed, and the models with it; this makes
 * that one, and takes its place.
 */
function takeHostCache(): void {
  tf.env().set(HOST_CACHE, 1);
  const last = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] })] });
  tf.dispose(tf.tidy(() => last.predict(tf.zeros([1, 2, 2]))));
}

afterAll(() => {
  tf.env().set(HOST_CACHE, hostCacheSize);
});

describeBackends(
  'a disposed model is collected after',
  () => {
    test.each(Object.entries(USES))('%s', async (_name, use) => {
      const tensors = tf.memory().numTensors;
      const references = await useAndDispose(use);
      expect(tf.memory().numTensors).toBe(tensors);
      takeHostCache();
      expect(await leftOf(references)).toEqual([]);
    });
  },
  { where: ({ name, variant }) => ['wasm', 'tensorflow'].includes(name) && variant === undefined },
);

describe('what the host keeps by itself', () => {
  beforeAll(() => tf.setBackend('cpu'));

  /** Builds, computes and disposes a stock model. */
  function computeStock(): References {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    tf.dispose(tf.tidy(() => model.predict(tf.zeros([1, 2]))));
    const references = referencesTo(holdings(model));
    model.dispose();
    return references;
  }

  test.each([1, 3])('of stock models that were computed and disposed the last %d', async (size) => {
    takeHostCache();
    tf.env().set(HOST_CACHE, size);
    const models = Array.from({ length: 5 }, computeStock);
    const left = await Promise.all(models.map(async (references) => (await leftOf(references)).length > 0));
    expect(left).toEqual(models.map((_, index) => index >= models.length - size));
  });

  test('of 100 models, unless it is told otherwise', () => {
    expect(hostCacheSize).toBe(100);
  });
});
