/** Adam: updates, state and integration with the host library. */
import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../src/training/adam.js';
import { adam, type AdamState } from '../oracle/adam.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { descend, expectUnknownRefused, expectUnreachedStays } from './support/optimizers.js';

const OPTIONS = { learningRate: 0.05, beta1: 0.8, beta2: 0.97, epsilon: 1e-4 };

describeBackends('Adam', () => {
  test('matches the oracle', async () => {
    const x = tf.variable(tf.tensor1d([-1, 0.5, 7]));
    const optimizer = new Adam(OPTIONS);
    let state: AdamState = { value: array64([3]), firstMoment: array64([3]), secondMoment: array64([3]) };
    state.value.data.set([-1, 0.5, 7]);
    for (let step = 1; step <= 5; step++) {
      const gradient = array64([3], (index) => 2 * (state.value.data[index]! - 3));
      state = adam(state, gradient, { ...OPTIONS, step });
    }
    descend(optimizer, x, 5);
    await expectClose(x, state.value, 1e-5, 'x');
    expect(optimizer.iterations).toBe(5);
    optimizer.dispose();
    x.dispose();
  });

  test('continues bit for bit after its state was saved and restored', async () => {
    const [x, y] = [tf.variable(tf.tensor1d([-1, 0.5, 7])), tf.variable(tf.zeros([3]))];
    const [straight, before, after] = [new Adam(OPTIONS), new Adam(OPTIONS), new Adam(OPTIONS)];
    descend(straight, x, 9);
    y.assign(tf.tensor1d([-1, 0.5, 7]));
    descend(before, y, 4);
    await after.setWeights(await before.getWeights());
    before.dispose();
    descend(after, y, 5);
    expect(after.iterations).toBe(9);
    expect(await y.array()).toEqual(await x.array());
  });

  test('leaves a variable unchanged that the loss does not depend on, and keeps the order of the others', async () => {
    await expectUnreachedStays(new Adam(OPTIONS), ['m', 'v']);
  });

  test('keeps two moments per variable and nothing else, and disposes them', () => {
    const x = tf.variable(tf.zeros([4]));
    const optimizer = new Adam(OPTIONS);
    const before = tf.memory().numTensors;
    descend(optimizer, x, 3);
    expect(tf.memory().numTensors).toBe(before + 2);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('trains a compiled model that is saved and loaded with its state', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: new Adam(OPTIONS), loss: 'meanSquaredError' });
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
    expect(loaded.optimizer.getConfig()).toMatchObject(OPTIONS);
    expect(loaded.optimizer.iterations).toBe(20);
  });
});

describe('Adam', () => {
  test('keeps its settings, also through a round trip of its configuration', () => {
    expect(Adam.fromConfig(Adam, new Adam(OPTIONS).getConfig()).getConfig()).toEqual(OPTIONS);
  });

  test.each([
    [{ learningRate: 0 }, 'learningRate must be a positive number from 1e-30 to 1e+30, received learningRate = 0'],
    [{ learningRate: Infinity }, 'received learningRate = Infinity'],
    [{ beta1: 1 }, 'beta1 must be at least 0 and below 1, received beta1 = 1'],
    [{ beta2: -0.1 }, 'received beta2 = -0.1'],
    [{ epsilon: 0 }, 'received epsilon = 0'],
  ])('refuses %j', (options, message) => {
    expect(() => new Adam(options)).toThrow(message);
  });

  test('refuses the gradient of an unknown variable', () => {
    expectUnknownRefused(new Adam());
  });
});
