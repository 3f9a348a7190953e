/** Fingerprints by which a checkpoint recognises its data and architecture. */
import * as tf from '@tensorflow/tfjs';
import { architectureFingerprint, dataFingerprint } from '../../src/training/fingerprint.js';
import { tinyData, tinyModel } from './support/tiny.js';

beforeAll(() => tf.setBackend('cpu'));

describe('dataFingerprint()', () => {
  test('is unchanged, so that checkpoints of earlier versions match', async () => {
    expect(await dataFingerprint(tinyData())).toBe('f734ea8413fe0dab3b8f533d593a6eb1');
  });
});

describe('architectureFingerprint()', () => {
  const dense = (units: number, activation: 'relu' | 'tanh', name?: string): tf.Sequential =>
    tf.sequential({ layers: [tf.layers.dense({ units, activation, inputShape: [2], ...(name ? { name } : {}) })] });

  test('does not depend on names, which TensorFlow.js numbers per process', async () => {
    const printsOf = (...models: tf.LayersModel[]): Promise<string[]> =>
      Promise.all(models.map(architectureFingerprint));
    const [a, b, tiny, other] = await printsOf(
      dense(3, 'relu', 'a'),
      dense(3, 'relu', 'b'),
      tinyModel(),
      tinyModel({ seed: 8 }),
    );
    expect(a).toBe(b);
    expect(tiny).toBe(other);
  });

  test('depends on sizes and on settings without weights', async () => {
    const models = [dense(3, 'relu'), dense(4, 'relu'), dense(3, 'tanh')];
    const prints = await Promise.all(models.map(architectureFingerprint));
    expect(new Set(prints).size).toBe(3);
    expect(prints[0]).toBe('e463689f212287e6ccd84f9fa7ea5053');
  });
});
