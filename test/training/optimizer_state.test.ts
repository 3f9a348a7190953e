/** State of optimizers: it belongs to a variable, whatever set of variables a step updates. */
import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../src/training/adam.js';
import { SGD } from '../../src/training/sgd.js';
import { describeBackends } from '../support/backends.js';

/** Update rule of one element in float64: from its gradients to its value. */
interface Rule {
  readonly name: string;
  readonly create: () => tf.Optimizer;
  /** @param steps gradients by the number of their step, from 1 */
  readonly value: (start: number, gradients: ReadonlyMap<number, number>) => number;
  readonly slots: readonly string[];
}

const RATE = 0.05;

function momentum(nesterov: boolean): Rule['value'] {
  return (start, gradients) => {
    let [value, sum] = [start, 0];
    for (const gradient of gradients.values()) {
      sum = 0.9 * sum + gradient;
      value -= RATE * (nesterov ? gradient + 0.9 * sum : sum);
    }
    return value;
  };
}

/** Algorithm 1 of Kingma and Ba; steps are counted per optimizer, as in Keras. */
function adam(start: number, gradients: ReadonlyMap<number, number>): number {
  let [value, first, second] = [start, 0, 0];
  for (const [step, gradient] of gradients) {
    first = 0.8 * first + 0.2 * gradient;
    second = 0.97 * second + 0.03 * gradient * gradient;
    value -= (RATE * (first / (1 - 0.8 ** step))) / (Math.sqrt(second / (1 - 0.97 ** step)) + 1e-4);
  }
  return value;
}

const RULES: readonly Rule[] = [
  {
    name: 'SGD',
    create: () => new SGD({ learningRate: RATE }),
    value: (start, gradients) => [...gradients.values()].reduce((value, gradient) => value - RATE * gradient, start),
    slots: [],
  },
  {
    name: 'SGD with momentum',
    create: () => new SGD({ learningRate: RATE, momentum: 0.9 }),
    value: momentum(false),
    slots: ['momentum'],
  },
  {
    name: 'SGD with Nesterov',
    create: () => new SGD({ learningRate: RATE, momentum: 0.9, nesterov: true }),
    value: momentum(true),
    slots: ['momentum'],
  },
  {
    name: 'Adam',
    create: () => new Adam({ learningRate: RATE, beta1: 0.8, beta2: 0.97, epsilon: 1e-4 }),
    value: adam,
    slots: ['m', 'v'],
  },
];

const SHAPES = [[3], [2, 5], [7], [3], [4, 2]] as const;

/** Creates variables of several shapes, two of them equal, that are disposed after the test. */
function variables(): tf.Variable[] {
  return tf.tidy(() => SHAPES.map((shape, index) => tf.variable(tf.fill([...shape], index - 1.5))));
}

/** Gradient of an element of variable `index` in a step. */
function gradientOf(index: number, step: number): number {
  return Math.sin(1 + 3 * index + 7 * step) + 0.1 * index;
}

/** Runs steps, each on a set of variables, and compares every variable with the update rule. */
async function expectOwnState(rule: Rule, sets: readonly (readonly number[])[]): Promise<void> {
  const before = tf.memory().numTensors;
  const all = variables();
  const optimizer = rule.create();
  const gradients = all.map(() => new Map<number, number>());
  sets.forEach((set, at) => {
    const step = at + 1;
    for (const index of set) gradients[index]!.set(step, gradientOf(index, step));
    optimizer.minimize(
      () => tf.addN(set.map((index) => tf.sum(tf.mul(all[index]!, gradientOf(index, step))))).asScalar(),
      false,
      set.map((index) => all[index]!),
    );
  });
  for (const [index, variable] of all.entries()) {
    const want = rule.value(index - 1.5, gradients[index]!);
    const values = await variable.data();
    for (const value of values) expect(Math.abs(value - want)).toBeLessThan(1e-5 * (1 + Math.abs(want)));
  }
  optimizer.dispose();
  tf.dispose(all);
  expect(tf.memory().numTensors).toBe(before);
}

const SETS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'a head, then its base with it (freeze, then unfreeze)': [
    [3, 4],
    [3, 4],
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
  ],
  'all, then fewer (freezing later)': [[0, 1, 2], [0, 1, 2], [1], [1, 2], [0, 1, 2]],
  'two disjoint models in turns (GAN)': [
    [0, 1],
    [2, 3, 4],
    [0, 1],
    [2, 3, 4],
    [0, 1],
  ],
  'a second variable of an equal shape': [[0], [0], [3], [3], [0]],
  'the same variables in another order': [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
    [1, 3, 0, 2],
  ],
  'sets that overlap, of other shapes at each place': [[0, 1], [1, 2], [4, 0], [2, 4, 3], [3]],
};

describeBackends('optimizers', () => {
  describe.each(RULES)('$name', (rule) => {
    test.each(Object.entries(SETS))('updates %s, each variable by its own state', async (_, sets) => {
      await expectOwnState(rule, sets);
    });

    test('refuses a gradient of another shape before anything is assigned', async () => {
      const [x, y] = [tf.variable(tf.ones([2, 3])), tf.variable(tf.ones([4]))];
      const optimizer = rule.create();
      const step = (shape: number[]): void => {
        optimizer.applyGradients([
          { name: x.name, tensor: tf.ones([2, 3]) },
          { name: y.name, tensor: tf.ones(shape) },
        ]);
      };
      step([4]);
      const kept = [await x.array(), await y.array()];
      for (const shape of [[3], [5], [2, 2], [4, 1], []]) {
        expect(() => {
          step(shape);
        }).toThrow(`the gradient of '${y.name}'`);
      }
      expect([await x.array(), await y.array()]).toEqual(kept);
      expect(optimizer.iterations).toBe(1);
      optimizer.dispose();
    });
  });
});

describe('optimizers', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const zeros = (...shape: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.zeros(shape)));
  const pull = (optimizer: tf.Optimizer, ...all: tf.Variable[]): void => {
    optimizer.minimize(() => tf.addN(all.map((x) => tf.sum(tf.square(tf.sub(x, 3))))).asScalar(), false, all);
  };
  const STATEFUL = RULES.filter(({ slots }) => slots.length > 0);

  describe.each(STATEFUL)('$name', ({ create, slots }) => {
    test('starts afresh with a variable that reuses the name of a disposed one, of any shape, and disposes the old state', () => {
      const before = tf.memory().numTensors;
      const optimizer = create();
      for (const shape of [[2], [3], [3], [2, 2]]) {
        const x = tf.tidy(() => tf.variable(tf.zeros(shape), true, 'remade'));
        pull(optimizer, x);
        const fresh = create();
        Object.assign(fresh, { iterations_: optimizer.iterations - 1 });
        const y = zeros(...shape);
        pull(fresh, y);
        expect([...x.dataSync()]).toEqual([...y.dataSync()]);
        fresh.dispose();
        y.dispose();
        expect(tf.memory().numTensors).toBe(before + 1 + slots.length);
        x.dispose();
      }
      optimizer.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    test('returns its state with the variables of the last step first, in the order of the host', async () => {
      const [a, b, c] = [zeros(2), zeros(3), zeros(4)];
      const optimizer = create();
      pull(optimizer, c);
      pull(optimizer, a, b);
      const names = (await optimizer.getWeights()).map(({ name }) => name);
      expect(names).toEqual(['iter', ...slots.flatMap((slot) => [a, b, c].map(({ name }) => `${name}/${slot}`))]);
    });

    test('restores by name, in any order and in parts', async () => {
      const [a, b, c] = [zeros(2), zeros(2), zeros(2)];
      const straight = create();
      pull(straight, a, b, c);
      pull(straight, b, c);
      const restored = create();
      await restored.setWeights(await straight.getWeights());
      const kept = [a, b, c].map((x) => x.clone());
      pull(straight, c, a);
      pull(straight, b);
      const want = [a, b, c].map((x) => [...x.dataSync()]);
      [a, b, c].forEach((x, index) => {
        x.assign(kept[index]!);
      });
      pull(restored, c, a);
      pull(restored, b);
      expect([a, b, c].map((x) => [...x.dataSync()])).toEqual(want);
    });

    test('restores the state of the original in a numbered copy of a model', async () => {
      const [original, copy] = [
        tf.variable(tf.zeros([2]), true, `k/${slots[0]}`),
        tf.variable(tf.zeros([2]), true, `k/${slots[0]}_1`),
      ];
      const straight = create();
      pull(straight, original);
      copy.assign(original);
      const restored = create();
      await restored.setWeights(await straight.getWeights());
      pull(straight, original);
      pull(restored, copy);
      expect([...copy.dataSync()]).toEqual([...original.dataSync()]);
      tf.dispose([original, copy]);
    });

    test('refuses restored state that does not fit, before anything is changed', async () => {
      const [a, b, other] = [zeros(2), zeros(3), zeros(2)];
      const optimizer = create();
      pull(optimizer, a, b);
      const weights = await optimizer.getWeights();
      const restored = create();
      await restored.setWeights(weights);
      const tensors = tf.memory().numTensors;
      expect(() => {
        pull(restored, a, other);
      }).toThrow(`received variable = '${other.name}'`);
      expect(tf.memory().numTensors).toBe(tensors);
      expect([...other.dataSync()]).toEqual([0, 0]);
      const renamed = weights.map(({ name, tensor }) => ({ name: name.replace(a.name, b.name), tensor }));
      await expect(restored.setWeights(renamed)).rejects.toThrow('names must be unique and end in');
      const wrong = await Promise.all([
        restored.setWeights([]).catch(String),
        restored.setWeights(weights.slice(1)).catch(String),
        restored.setWeights(weights.slice(0, -1)).catch(String),
        restored.setWeights([weights[0]!, ...weights.slice(1).map((entry) => ({ ...entry, name: 'x' }))]).catch(String),
        restored.setWeights([weights[0]!, ...weights.slice(1).reverse()]).catch(String),
        restored
          .setWeights(weights.map((entry, at) => (at === 1 ? { ...entry, tensor: tf.fill([2], NaN) } : entry)))
          .catch(String),
        restored
          .setWeights(weights.map((entry, at) => (at === 0 ? { ...entry, tensor: tf.scalar(-1) } : entry)))
          .catch(String),
      ]);
      // With one slot, a shorter list is valid state of fewer variables, and any order is fine.
      for (const message of wrong.filter((_, index) => slots.length > 1 || (index !== 2 && index !== 4))) {
        expect(message).toMatch(/^(Range|Type)Error: Cannot restore [^\n]*$/);
      }
    });

    test('refuses a variable of another shape under the name of restored state', async () => {
      const optimizer = create();
      const x = tf.variable(tf.zeros([2]), true, 'shaped');
      pull(optimizer, x);
      const restored = create();
      await restored.setWeights(await optimizer.getWeights());
      x.dispose();
      const y = tf.variable(tf.zeros([3]), true, 'shaped');
      expect(() => {
        pull(restored, y);
      }).toThrow("the restored state of 'shaped' must have the shape [3] of its variable, received shape = [2]");
      expect([...y.dataSync()]).toEqual([0, 0, 0]);
      y.dispose();
    });
  });

  test('of two disjoint models, the host loads the state of the one that was saved', async () => {
    const build = (units: number): tf.Sequential =>
      tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [2], kernelInitializer: 'ones' })] });
    const optimizer = new Adam({ learningRate: RATE, beta1: 0.8, beta2: 0.97, epsilon: 1e-4 });
    const [first, second] = [build(1), build(3)];
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const train = async (model: tf.LayersModel, units: number): Promise<void> => {
      await model.trainOnBatch(x, tf.zeros([3, units]));
    };
    first.compile({ optimizer, loss: 'meanSquaredError' });
    second.compile({ optimizer, loss: 'meanSquaredError' });
    await train(first, 1);
    await train(second, 3);
    let saved: tf.io.ModelArtifacts = {};
    const handler = tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    });
    await second.save(handler, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const own = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const ours = new Adam({ learningRate: RATE, beta1: 0.8, beta2: 0.97, epsilon: 1e-4 });
    await ours.setWeights(
      (await own.optimizer.getWeights()).filter(({ name }) => !name.includes(first.layers[0]!.name)),
    );
    own.compile({ optimizer: ours, loss: 'meanSquaredError' });
    for (let step = 0; step < 3; step++) {
      await train(second, 3);
      await train(loaded, 3);
      await train(own, 3);
    }
    const weights = (model: tf.LayersModel): number[] => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    const want = weights(second);
    for (const model of [loaded, own]) {
      weights(model).forEach((value, index) => {
        expect(Math.abs(value - want[index]!)).toBeLessThan(1e-5);
      });
    }
  });

  test.each(RULES)('$name refuses a variable that appears twice, and values that are not gradients', ({ create }) => {
    const x = zeros(2);
    const optimizer = create();
    const tensors = tf.memory().numTensors;
    expect(() => {
      optimizer.minimize(() => tf.sum(tf.square(x)).asScalar(), false, [x, x]);
    }).toThrow('every variable must appear only once');
    expect(() => {
      optimizer.applyGradients([{ name: x.name, tensor: 1 as unknown as tf.Tensor }]);
    }).toThrow(`the gradient of '${x.name}' must be a tensor`);
    expect(() => {
      optimizer.applyGradients(null as unknown as tf.NamedTensorMap & never[]);
    }).toThrow('gradients must be an object or a list');
    expect(() => {
      Object.assign(optimizer, { learningRate: NaN });
    }).toThrow('learningRate must be a number');
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('Adam refuses a multiplier for a variable that does not exist', () => {
    const x = zeros(2);
    const optimizer = new Adam({ multipliers: { misspelt: 0.1 } });
    expect(() => {
      pull(optimizer, x);
    }).toThrow("every multiplier must belong to a variable, received name = 'misspelt'");
    expect([...x.dataSync()]).toEqual([0, 0]);
  });
});
