/** Resumed runs of networks whose layers augment with a seed: the same bits as uninterrupted ones. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { layers } from '../../src/index.js';
import { resume } from '../../src/training/checkpoint.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { seededLayers } from '../../src/training/seeded_layers.js';
import { Trainer } from '../../src/training/trainer.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seeded-layers-'));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** The tiny network behind an augmentation with a seed and one without. */
function newTrainer(): Trainer {
  const inner = tinyModel({ kit: layers });
  const shift = layers.randomTranslation({
    name: 'shift',
    heightFactor: 0.2,
    widthFactor: 0.2,
    seed: 4,
    inputShape: [8, 8, 1],
  });
  const model = tf.sequential({ layers: [shift, layers.randomRotation({ factor: 0.05 }), ...inner.layers] }); // prettier-ignore
  return new Trainer(model, tinyData(), { ...TINY_OPTIONS, epochs: 2, augmentation: false });
}

/** Number of draws of the layer with a seed. */
const drawnOf = ({ model }: Trainer): number[] => seededLayers(model).map(({ drawn }) => drawn);

test('a run resumed from a checkpoint augments as an uninterrupted one', async () => {
  await tf.setBackend('cpu');
  const whole = newTrainer();
  await whole.run();
  const stopped = newTrainer();
  const abort = new AbortController();
  let steps = 0;
  await stopped.run({
    signal: abort.signal,
    onStep: () => {
      if (++steps === 4) abort.abort();
    },
  });
  expect(drawnOf(stopped)).toEqual([4]);
  const file = path.join(folder, 'run.bin');
  await saveCheckpoint(file, stopped);
  const resumed = newTrainer();
  await resume(resumed, await loadCheckpoint(file));
  await resumed.run();
  expect(drawnOf(resumed)).toEqual(drawnOf(whole));
  expect(weightBits(resumed.model)).toEqual(weightBits(whole.model));
});
