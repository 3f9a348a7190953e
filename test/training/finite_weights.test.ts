/** Weights and losses that are NaN or infinite: detected even if the loss stays finite, and never saved over good ones. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { encodeCheckpoint } from '../../src/training/checkpoint.js';
import { saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { evaluate } from '../../src/training/evaluate.js';
import { checkFiniteWeights } from '../../src/training/finite_weights.js';
import { Trainer } from '../../src/training/trainer.js';
import { describeBackends } from '../support/backends.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel } from './support/tiny.js';

const inFolder = temporaryFolder();

/** Overwrites one element of a weight. */
function spoil(model: tf.LayersModel, layer: number, weight = 0, value = NaN): void {
  const { [layer]: target } = model.layers;
  const values = target!.getWeights().map((tensor, index) =>
    tf.tidy(() => {
      if (index !== weight) return tensor.clone();
      const flat = tf.reshape(tensor, [tensor.size]);
      const others = tf.slice(flat, [0], [tensor.size - 1]);
      return tf.reshape(tf.concat([others, tf.tensor1d([value])]), tensor.shape);
    }),
  );
  target!.setWeights(values);
  tf.dispose(values);
}

function newTrainer(): Trainer {
  return new Trainer(tinyModel(), tinyData(), { ...TINY_OPTIONS, epochs: 2 });
}

describeBackends('checkFiniteWeights()', () => {
  test('accepts finite weights and leaks no tensor', async () => {
    const model = tinyModel();
    const before = tf.memory().numTensors;
    await checkFiniteWeights(model);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [0, 0, NaN],
    [0, 0, Infinity],
    [0, 0, -Infinity],
    [1, 3, NaN],
    [2, 1, NaN],
    [5, 1, Infinity],
  ])('names layer %d if its weight %d contains %d', async (layer, weight, value) => {
    const model = tinyModel();
    spoil(model, layer, weight, value);
    spoil(model, 5, 0, value);
    const name = model.layers[layer]!.name;
    await expect(checkFiniteWeights(model)).rejects.toThrow(`of the first such layer = '${name}'`);
  });

  test('the trainer stops even if NaN weights before a deformable layer leave the loss finite', async () => {
    const trainer = newTrainer();
    const losses: number[] = [];
    const run = trainer.run({
      onStep: ({ step, lossSum }) => {
        losses.push(lossSum);
        if (step === 2) spoil(trainer.model, 0);
      },
    });
    const name = trainer.model.layers[0]!.name;
    await expect(run).rejects.toThrow(
      new RegExp(`^Cannot train: weights must be finite .*, found at step 5 of epoch 1, .* layer = '${name}'$`),
    );
    expect(losses.length).toBe(4);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(trainer.finished).toBe(false);
    trainer.dispose();
  });
});

describe('weights that are not finite', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('are found in nested models and named by the path of the layer', async () => {
    const inner = tf.sequential({
      name: 'base',
      layers: [layers.conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 1], name: 'stem' })],
    });
    const outer = tf.sequential({ layers: [inner, tf.layers.flatten()] });
    spoil(inner, 0);
    await expect(checkFiniteWeights(outer)).rejects.toThrow("= 'base/stem'");
  });

  test('stop a run before its first step', async () => {
    const trainer = newTrainer();
    spoil(trainer.model, 2, 0, Infinity);
    const onStep = jest.fn();
    await expect(trainer.run({ onStep })).rejects.toThrow('found at step 0 of epoch 1');
    expect(onStep).not.toHaveBeenCalled();
  });

  test('stop a long epoch every 20 steps', async () => {
    const trainer = new Trainer(tinyModel(), tinyData(), { ...TINY_OPTIONS, batchSize: 1 });
    let steps = 0;
    const run = trainer.run({
      onStep: ({ step }) => {
        steps = step;
        if (step === 3) spoil(trainer.model, 0);
      },
    });
    await expect(run).rejects.toThrow('found at step 20 of epoch 1');
    expect(steps).toBe(19);
  });

  test.each(['weights', 'moments'])('do not overwrite a good checkpoint (%s)', async (what) => {
    const trainer = newTrainer();
    const controller = new AbortController();
    await trainer.run({
      signal: controller.signal,
      onStep: () => {
        controller.abort();
      },
    });
    const file = inFolder(`${what}.bin`);
    await saveCheckpoint(file, trainer);
    const good = fs.readFileSync(file);
    if (what === 'weights') spoil(trainer.model, 0);
    else {
      // Moments become infinite when the square of a gradient overflows.
      const [variable] = trainer.variables;
      trainer.optimizer.applyGradients([{ name: variable!.name, tensor: tf.fill(variable!.shape, 1e30) }]);
    }
    await expect(encodeCheckpoint(trainer)).rejects.toThrow('weights and moments must be finite');
    await expect(saveCheckpoint(file, trainer)).rejects.toThrow(/^Cannot make a checkpoint: [^\n]*$/);
    expect(fs.readFileSync(file).equals(good)).toBe(true);
    expect(fs.readdirSync(inFolder()).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('make evaluate() fail', async () => {
    const model = tinyModel();
    spoil(model, 5, 1);
    await expect(evaluate(model, tinyData().test)).rejects.toThrow('Cannot evaluate: the loss must be finite');
  });

  test('a test loss that is not finite does not finish a run', async () => {
    const data = tinyData();
    const floats = Float32Array.from(data.test.images, (value) => value / 127.5 - 1);
    // Without a deformable layer, which would read zeros instead of the pixels.
    const model = tf.sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const options = { ...TINY_OPTIONS, epochs: 1 };
    const changed = new Trainer(model, { ...data, test: { ...data.test, images: floats } }, options);
    // After the data was checked, as in a program that reuses its arrays.
    floats.fill(NaN);
    const onEpoch = jest.fn();
    await expect(changed.run({ onEpoch })).rejects.toThrow('Cannot evaluate: the loss must be finite');
    expect(onEpoch).not.toHaveBeenCalled();
    expect(changed.finished).toBe(false);
    expect(changed.state.history).toEqual([]);
  });

  test('fit() stops when its callback checks them', async () => {
    const model = tinyModel();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const x = tf.fill([4, 8, 8, 1], NaN);
    const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), 3);
    const onBatchEnd = (): Promise<void> => checkFiniteWeights(model);
    await expect(model.fit(x, y, { callbacks: { onBatchEnd } })).rejects.toThrow('weights must be finite');
  });
});
