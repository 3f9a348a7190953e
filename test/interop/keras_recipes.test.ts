/**
 * Recipes of Keras, run in Keras and here on the same weights and data: transfer learning with a base that is frozen in each
 * of the ways that its guides show, and resizing. The losses of five steps must agree, and the same weights must change.
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { kerasAbsence, KerasProcess, type KerasArray } from './support/keras.js';

jest.setTimeout(240_000);

const SHAPE = [6, 5, 3];
const STEPS = 5;
const LARGEST_DIFFERENCE = 2e-4;

const OUTER = ['sequential', 'functional'] as const;
type Outer = (typeof OUTER)[number];

/** Layers with weights, of this package or of the host. */
const KITS = {
  ours: {
    conv2d: conv.layers.conv2d,
    depthwiseConv2d: conv.layers.depthwiseConv2d,
    batchNormalization: conv.layers.batchNormalization,
  },
  stock: {
    conv2d: tf.layers.conv2d,
    depthwiseConv2d: tf.layers.depthwiseConv2d,
    batchNormalization: tf.layers.batchNormalization,
  },
} as const;
type Kit = keyof typeof KITS;

/** Builds the same base as support/keras_recipes.py. */
function makeBase(kit: Kit): tf.LayersModel {
  const { conv2d, depthwiseConv2d, batchNormalization } = KITS[kit];
  const momentum = 0.5;
  const chain = (shape: number[], name: string, layers: tf.layers.Layer[]): tf.LayersModel => {
    const input = tf.input({ shape });
    const outputs = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    return tf.model({ inputs: input, outputs, name });
  };
  const inner = (): tf.LayersModel =>
    chain([6, 5, 4], 'inner', [
      depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'depthwise' }),
      batchNormalization({ momentum, name: 'depthwise_bn' }),
    ]);
  return chain(SHAPE, 'base', [
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'conv' }),
    batchNormalization({ momentum, name: 'conv_bn' }),
    tf.layers.reLU({ name: 'relu' }),
    inner(),
    batchNormalization({ momentum, center: false, scale: false, name: 'last_bn' }),
  ]);
}

function makeModel(base: tf.LayersModel, outer: Outer): tf.LayersModel {
  const head = [
    tf.layers.globalAveragePooling2d({ name: 'pool' }),
    conv.layers.batchNormalization({ momentum: 0.5, name: 'head_bn' }),
    tf.layers.dense({ units: 2, name: 'head' }),
  ];
  if (outer === 'sequential') return tf.sequential({ layers: [base, ...head] });
  const input = tf.input({ shape: SHAPE });
  const outputs = [base, ...head].reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs });
}

/** Ways to freeze a base, as in support/keras_recipes.py. */
const FREEZE: Readonly<Record<string, (base: tf.LayersModel) => void>> = {
  nothing: () => undefined,
  base: (base) => {
    conv.freeze(base);
  },
  layers: (base) => {
    for (const layer of leaves(base)) layer.trainable = false;
  },
  conv_bn: (base) => {
    conv.freeze(base, { upTo: 'conv_bn' });
  },
  'base, then last': (base) => {
    conv.freeze(base);
    const all = leaves(base);
    const first = all.at(-2)!;
    conv.unfreeze(base, { from: base.layers.includes(first) ? first.name : `inner/${first.name}` });
  },
};

function leaves(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? leaves(layer) : [layer]));
}

/** Lists the weights of a model by their names in Keras. */
function namedWeights(model: tf.LayersModel): Map<string, tf.LayerVariable> {
  return new Map(
    leaves(model).flatMap((layer) =>
      layer.weights.map((weight): [string, tf.LayerVariable] => {
        const own = weight.originalName.slice(weight.originalName.lastIndexOf('/') + 1);
        return [`${layer.name}/${own.replace('depthwise_', '')}`, weight];
      }),
    ),
  );
}

const toTensor = ({ shape, data }: KerasArray): tf.Tensor => tf.tensor(data, shape);

const absence = kerasAbsence();
const suite = absence === undefined ? describe : describe.skip;

suite(absence === undefined ? 'recipes of Keras [keras]' : `recipes of Keras [keras: skipped, ${absence}]`, () => {
  let keras: KerasProcess;
  let restore: () => void;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    restore = conv.accelerateStockLayers();
    keras = new KerasProcess('keras_recipes.py');
  });
  afterAll(async () => {
    restore();
    await keras.close();
  });

  const recipes = OUTER.flatMap((outer) => Object.keys(FREEZE).map((freeze) => ({ outer, freeze })));

  test.each(recipes)('freezing $freeze, $outer: the same weights change, in the same steps', async (recipe) => {
    const want = await keras.train(recipe, STEPS);
    for (const kit of Object.keys(KITS) as Kit[]) {
      const base = makeBase(kit);
      const model = makeModel(base, recipe.outer);
      const weights = namedWeights(model);
      expect([...weights.keys()].sort()).toEqual(Object.keys(want.weights).sort());
      tf.tidy(() => {
        for (const [name, value] of Object.entries(want.weights)) weights.get(name)!.write(toTensor(value));
      });
      FREEZE[recipe.freeze]!(base);
      model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
      const [x, y] = [toTensor(want.x), toTensor(want.y)];
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) losses.push((await model.trainOnBatch(x, y)) as number);
      losses.forEach((loss, step) => {
        expect(Math.abs(loss - want.losses[step]!) / want.losses[0]!).toBeLessThan(LARGEST_DIFFERENCE);
      });
      const moved = Object.entries(want.weights).filter(([name, { data }]) => {
        const now = weights.get(name)!.read().dataSync();
        return data.some((value, index) => value !== now[index]);
      });
      expect(moved.map(([name]) => name).sort()).toEqual([...want.moved].sort());
      tf.dispose([x, y]);
      model.dispose();
    }
  });

  const sizes = [
    [2, 3],
    [3, 1],
    [4, 4],
  ] as const;
  const targets = [
    [5, 4],
    [13, 9],
    [10, 14],
    [3, 2],
    [1, 1],
    [7, 21],
  ] as const;
  const interpolations = ['nearest', 'bilinear'] as const;
  const resized = interpolations.flatMap((interpolation) => [
    ...sizes.map((size) => ({ layer: 'UpSampling2D', size: [...size], interpolation })),
    ...targets.map((size) => ({ layer: 'Resizing', size: [...size], interpolation })),
  ]);

  test.each(resized)(
    '$layer to $size, $interpolation, has the values of Keras',
    async ({ layer, size, interpolation }) => {
      const [height, width] = size as [number, number];
      const up = layer === 'UpSampling2D';
      const ours = up
        ? conv.layers.upSampling2d({ size: [height, width], interpolation })
        : conv.layers.resizing({ height, width, interpolation });
      const x = Float32Array.from({ length: 2 * 5 * 7 * 3 }, (_, index) => Math.sin(index * 1.7));
      const given = { shape: [2, 5, 7, 3], data: x };
      const want = await keras.call(layer, { ...(up ? { size } : { height, width }), interpolation }, given);
      const got = tf.tidy(() => (ours.apply(toTensor(given)) as tf.Tensor).dataSync());
      expect(got).toHaveLength(want.data.length);
      const worst = want.data.reduce((most, value, index) => Math.max(most, Math.abs(value - got[index]!)), 0);
      expect(worst).toBeLessThan(1e-6);
    },
  );
});
