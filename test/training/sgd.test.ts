/** Gradient descent: updates against the definition and the host, state, and integration with the host library. */
import * as tf from '@tensorflow/tfjs';
import { SGD, type SGDOptions } from '../../src/training/sgd.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { descend, expectUnknownRefused, expectUnreachedStays } from './support/optimizers.js';

const START = [-1, 0.5, 7];
const PLAIN = { learningRate: 0.05 };
const MOMENTUM = { learningRate: 0.05, momentum: 0.9 };
const NESTEROV = { ...MOMENTUM, nesterov: true };

/** The same in float64. */
function descended({ momentum = 0, nesterov = false }: SGDOptions, steps: number): number[] {
  return START.map((start) => {
    let [x, sum] = [start, 0];
    for (let step = 0; step < steps; step++) {
      const gradient = 2 * (x - 3);
      sum = momentum * sum + gradient;
      x -= PLAIN.learningRate * (nesterov ? gradient + momentum * sum : sum);
    }
    return x;
  });
}

describeBackends('SGD', () => {
  test.each([PLAIN, MOMENTUM, NESTEROV])('matches its definition and the host with %j', async (options) => {
    const { momentum = 0, nesterov = false }: SGDOptions = options;
    const { learningRate } = PLAIN;
    const [x, y] = [tf.variable(tf.tensor1d(START)), tf.variable(tf.tensor1d(START))];
    const own = new SGD(options);
    const host = momentum > 0 ? tf.train.momentum(learningRate, momentum, nesterov) : tf.train.sgd(learningRate);
    descend(own, x, 6);
    descend(host, y, 6);
    const want = descended(options, 6);
    await expectClose(
      x,
      array64([3], (index) => want[index]!),
      1e-5,
      'x',
    );
    await expectClose(x, y, 1e-5, 'x');
    expect(own.iterations).toBe(6);
    own.dispose();
    host.dispose();
    tf.dispose([x, y]);
  });

  test('continues bit for bit after its state was saved and restored', async () => {
    const [x, y] = [tf.variable(tf.tensor1d(START)), tf.variable(tf.tensor1d(START))];
    const [straight, before, after] = [new SGD(NESTEROV), new SGD(NESTEROV), new SGD(NESTEROV)];
    descend(straight, x, 9);
    descend(before, y, 4);
    await after.setWeights(await before.getWeights());
    before.dispose();
    descend(after, y, 5);
    expect(after.iterations).toBe(9);
    expect(await y.array()).toEqual(await x.array());
  });

  test('leaves a variable unchanged that the loss does not depend on, and keeps the order of the others', async () => {
    await expectUnreachedStays(new SGD(MOMENTUM), ['momentum']);
  });

  test.each([
    [PLAIN, 0],
    [MOMENTUM, 1],
  ])('with %j keeps %d velocities per variable and nothing else, and disposes them', (options, sums) => {
    const x = tf.variable(tf.zeros([4]));
    const optimizer = new SGD(options);
    const before = tf.memory().numTensors;
    descend(optimizer, x, 3);
    expect(tf.memory().numTensors).toBe(before + sums);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('SGD', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    [PLAIN, 'SGD'],
    [NESTEROV, 'Momentum'],
  ])('with %j trains a compiled model that the host’s %s can load', async (options, name) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: new SGD({ ...options, learningRate: 0.01 }), loss: 'meanSquaredError' });
    const [x, y] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor2d([1, 2, 3], [3, 1])];
    const { history } = await model.fit(x, y, { epochs: 20 });
    expect(history['loss']!.at(-1)!).toBeLessThan(history['loss']![0] as number);
    let saved: tf.io.ModelArtifacts = {};
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
      }),
      { includeOptimizer: true },
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    expect(loaded.optimizer.getClassName()).toBe(name);
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    expect(loaded.optimizer.iterations).toBe(20);
  });

  test('keeps its settings, also through a round trip of its configuration', () => {
    expect(SGD.fromConfig(SGD, new SGD(NESTEROV).getConfig()).getConfig()).toEqual(new SGD(NESTEROV).getConfig());
  });

  test.each([
    [{ learningRate: 0 }, 'learningRate must be a positive number from 1e-30 to 1e+30, received learningRate = 0'],
    [{ learningRate: Infinity }, 'received learningRate = Infinity'],
    [{ momentum: 1 }, 'momentum must be at least 0 and below 1, received momentum = 1'],
    [{ momentum: -0.1 }, 'received momentum = -0.1'],
  ])('refuses %j', (options, message) => {
    expect(() => new SGD(options)).toThrow(message);
  });

  test('refuses the gradient of an unknown variable', () => {
    expectUnknownRefused(new SGD());
  });
});
