/** Augmentation layers: their random numbers, the same ones on every backend and in captured functions. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { isSeeded } from '../../src/layers/seeded_layer.js';
import { uniformOf } from '../oracle/uniform.js';
import { describeBackends } from '../support/backends.js';
import { expectSameBits } from '../support/compare.js';
import { callLayer, expectFormatsAgree, expectRefusal, randomTensor } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

const IMAGE = [3, 4, 3, 5] as const;
const HARNESS = { inputShapes: [IMAGE], outputShape: IMAGE, trainable: {} };
const FILL = { fillMode: 'constant', fillValue: 0.5, interpolation: 'nearest', dataFormat: 'channelsLast' } as const;

runLayerTest('RandomFlip', { Layer: conv.RandomFlip, args: { mode: 'horizontal', seed: 1 }, ...HARNESS });
runLayerTest('RandomTranslation', {
  Layer: conv.RandomTranslation,
  args: { heightFactor: 0.05, widthFactor: [-0.1, 0.05], seed: 1, ...FILL, interpolation: 'bilinear' },
  ...HARNESS,
});
runLayerTest('RandomRotation', { Layer: conv.RandomRotation, args: { factor: 0.01, seed: 1, ...FILL }, ...HARNESS });
runLayerTest('RandomZoom', {
  Layer: conv.RandomZoom,
  args: { heightFactor: 0.1, widthFactor: [-0.1, 0.05], seed: 1, fillMode: 'wrap' },
  ...HARNESS,
});
runLayerTest('RandomContrast', {
  Layer: conv.RandomContrast,
  args: { factor: 0.1, valueRange: [-3, 3], seed: 1 },
  ...HARNESS,
});
runLayerTest('RandomBrightness', {
  Layer: conv.RandomBrightness,
  args: { factor: [-0.02, 0.01], valueRange: [-3, 3], seed: 1 },
  ...HARNESS,
});

runLayerTest('CenterCrop', {
  Layer: conv.CenterCrop,
  args: { height: 2, width: 3, dataFormat: 'channelsLast' },
  ...{ ...HARNESS, outputShape: [3, 2, 3, 5] },
});
runLayerTest('CenterCrop, of small images', {
  Layer: conv.CenterCrop,
  args: { height: 7, width: 2 },
  ...{ ...HARNESS, outputShape: [3, 7, 2, 5] },
});
runLayerTest('RandomCrop', {
  Layer: conv.RandomCrop,
  args: { height: 4, width: 3, seed: 1 },
  ...{ ...HARNESS, outputShape: [3, 4, 3, 5] },
});

describeBackends('augmentation layers', ({ tolerance }) => {
  it('shift each image by its own numbers, others in every call', async () => {
    const [seed, length] = [9, 64];
    const layer = conv.layers.randomTranslation({ heightFactor: 0, widthFactor: 0.25, fillMode: 'nearest', seed });
    // Its values are its positions, so that the middle one is the position that is read.
    const ramp = tf.tile(tf.reshape(tf.range(0, length), [1, 1, length, 1]), [3, 2, 1, 1]);
    for (const call of [0, 1]) {
      const shifted = (await tf
        .slice(callLayer(layer, ramp, true), [0, 1, 32, 0], [3, 1, 1, 1])
        .data()) as Float32Array;
      for (const image of [0, 1, 2]) {
        const u = uniformOf(seed, call, 2 * image + 1);
        expect(Math.abs(32 - shifted[image]! - (u - 0.5) * 0.5 * length)).toBeLessThan(1e-4 * length);
      }
    }
  });

  it('crop a batch at one random position, and resize the largest centre in inference mode', async () => {
    const [seed, height, width] = [6, 7, 9];
    const layer = conv.layers.randomCrop({ height: 3, width: 4, seed });
    const ramp = tf.reshape(tf.range(0, 2 * height * width), [2, height, width, 1]);
    for (const call of [0, 1, 2]) {
      const [top, left] = [5, 6].map((positions, axis) => Math.floor(uniformOf(seed, call, axis) * positions));
      await expectSameBits(callLayer(layer, ramp, true), tf.slice(ramp, [0, top!, left!, 0], [2, 3, 4, 1]));
    }
    // Of 7×9, 6×9 has the aspect ratio nearest to 3×4 that fits.
    const centre = conv.resizeBilinear(tf.slice(ramp, [0, 0, 0, 0], [2, 6, 9, 1]) as tf.Tensor4D, [3, 4]);
    await expectSameBits(callLayer(layer, ramp), centre);
  });

  it('draw anew when a captured function is replayed, the numbers of a run that is not captured', async () => {
    const x = randomTensor(3, [2, 4, 3, 2]);
    const make = (): tf.layers.Layer[] => [
      conv.layers.randomFlip({ seed: 1 }),
      conv.layers.randomRotation({ factor: 0.5, fillMode: 'wrap', seed: 2 }),
      conv.layers.randomContrast({ factor: 0.5, valueRange: [-2, 2], seed: 3 }),
    ];
    const run = (layers: readonly tf.layers.Layer[], images: tf.Tensor): tf.Tensor =>
      layers.reduce((y, layer) => callLayer(layer, y, true), images);
    const [plain, recorded] = [make(), make()];
    const captured = conv.capture((images: tf.Tensor) => run(recorded, images));
    for (const call of [1, 2, 3, 4, 5]) await expectSameBits(captured(x), run(plain, x), `call ${call}`);
    expect(recorded.map((layer) => isSeeded(layer) && layer.drawn)).toEqual([5, 5, 5]);
    expect(captured.report().signatures[0]).toMatchObject({ state: 'replayed' });
    captured.dispose();
  });

  it('return their input in inference mode', async () => {
    const x = randomTensor(1, [2, 3, 4, 2]);
    await expectSameBits(callLayer(conv.layers.randomRotation({ factor: 1 }), x), x);
    await expectSameBits(callLayer(conv.layers.randomBrightness({ factor: 1 }), x), x);
  });

  it('take channels first', async () => {
    const make = (format: object): tf.layers.Layer => conv.layers.randomZoom({ heightFactor: [0.3, 0.3], ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 5, 4, 3]), tolerance);
  });
});

describe('augmentation layers', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('draw uniformly', async () => {
    const count = 2000;
    const layer = conv.layers.randomBrightness({ factor: 0.5, valueRange: [-1, 1], seed: 3 });
    const drawn = await callLayer(layer, tf.zeros([count, 1, 1, 1]), true).data();
    const bins = Array.from({ length: 10 }, () => 0);
    for (const value of drawn) bins[Math.floor((value + 1) * 5)]!++;
    // Five standard deviations of a bin, √(2000 · 0.1 · 0.9).
    for (const bin of bins) expect(Math.abs(bin - count / 10)).toBeLessThan(67);
  });

  it('draw from Math.random() without a seed', async () => {
    const layer = conv.layers.randomBrightness({ factor: 0.5, valueRange: [-1, 1] });
    const x = tf.zeros([1, 1, 1, 1]);
    const drawn = await Promise.all(Array.from({ length: 9 }, async () => (await callLayer(layer, x, true).data())[0]));
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('reject wrong factors, ranges and modes', () => {
    const build =
      (name: 'randomContrast' | 'randomZoom' | 'randomFlip', args: object): (() => unknown) =>
      () =>
        conv.layers[name](args as never);
    expectRefusal(build('randomContrast', { factor: 1.5, name: 'mine' }), RangeError, "Cannot build layer 'mine': factor must be a number of at least 0 and of at most 1");
    expectRefusal(build('randomContrast', {}), TypeError, 'received factor = undefined');
    expectRefusal(build('randomContrast', { factor: [0.1] }), RangeError, 'factor must be a pair of numbers [lower, upper]');
    expectRefusal(build('randomContrast', { factor: 0.1, valueRange: 255 }), TypeError, 'received valueRange = 255');
    expectRefusal(build('randomZoom', { heightFactor: -1 }), RangeError, 'received heightFactor = -1');
    expectRefusal(build('randomZoom', { heightFactor: 0, fillMode: 'mirror' }), RangeError, "received fillMode = 'mirror'");
    expectRefusal(build('randomFlip', { mode: 'both' }), RangeError, "received mode = 'both'");
  }); // prettier-ignore
});
