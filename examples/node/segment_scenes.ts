/**
 * Two networks learn to segment discs, squares and triangles of any colour, pixel by pixel: DeepLabv3+ and the U-Net on
 * MobileNetV2, trained from scratch. Prints the mean intersection over union on unseen scenes, compared with a network
 * of 1×1 convolutions, which reads only colours, and with predicting only background; and draws all masks.
 *
 * Measured with 8,000 training scenes and 200 test scenes: background only and colour only 21.1 %, DeepLabv3+ 49.0 %,
 * U-Net 76.0 %; in total 14 minutes on two cores busy with other work.
 *
 *   npm run example -- examples/node/segment_scenes.ts [--images 500] [--epochs 16] [--out runs/segment_scenes.png]
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { Random, withSeed } from 'tfjs-convolutions/training';
import { drawScenes, SCENE_CLASSES, type Scenes } from '../data/drawn_scenes.js';
import { meanIoU } from '../support/metrics.js';
import { writePicture } from '../support/picture.js';
import { fitWithDecay } from '../support/fit_with_decay.js';

const SIZE = 48;
const CLASSES = SCENE_CLASSES.length;
const TEST_SEED = 0;

const SHARED = { alpha: 0.35, inputShape: [SIZE, SIZE, 3], classes: CLASSES, normalizationMomentum: 0.9 };

/** The networks by name; both small, since so are the images. */
const NETWORKS: Readonly<Record<string, () => tf.LayersModel>> = {
  'colour alone': () => {
    const layers = [16, 16].map((filters) => conv.layers.pointwiseConv2d({ filters, activation: 'relu' }));
    const last = conv.layers.pointwiseConv2d({ filters: CLASSES, activation: 'softmax' });
    return tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [SIZE, SIZE, 3] }), ...layers, last] });
  },
  'DeepLabv3+': () =>
    conv.deepLabV3Plus({
      ...SHARED,
      outputStride: 8,
      rates: [1, 2, 3],
      filters: 64,
      lowLevelFilters: 24,
      separable: true,
      dropout: 0,
    }),
  'U-Net': () => conv.mobileNetUNet({ ...SHARED, filters: [96, 64, 48, 32] }),
};

/** Colours of the classes in the picture, from 0 to 1. */
const COLOURS = [
  [0.1, 0.1, 0.1],
  [0.9, 0.3, 0.3],
  [0.3, 0.8, 0.4],
  [0.3, 0.5, 1],
] as const;

/** One or two shapes of 8 to 13 pixels around their centre. */
function draw(count: number, seed: number): Scenes {
  return drawScenes({ count, size: SIZE, seed, objectsPerImage: [1, 2], radius: [0.16, 0.26], noise: 0.05 });
}

function toTensors({ count, size, images, masks }: Scenes): { x: tf.Tensor; y: tf.Tensor } {
  const y = tf.tidy(() => tf.oneHot(tf.tensor3d(masks, [count, size, size], 'int32'), CLASSES).toFloat());
  return { x: tf.tensor4d(images, [count, size, size, 3]), y };
}

/** Class of every pixel. */
function classify(model: tf.LayersModel, x: tf.Tensor): Int32Array {
  return tf.tidy(() => {
    const scores = model.predict(x, { batchSize: 50 }) as tf.Tensor;
    return tf.argMax(scores, -1).dataSync() as Int32Array;
  });
}

function colour(mask: Int32Array): Float32Array {
  return Float32Array.from({ length: 3 * mask.length }, (_, i) => COLOURS[mask[Math.floor(i / 3)]!]![i % 3]!);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '500' },
      epochs: { type: 'string', default: '16' },
      test: { type: 'string', default: '200' },
      out: { type: 'string', default: 'runs/segment_scenes.png' },
    },
  });
  await tf.setBackend('wasm');
  const count = Number(values.images);
  const test = draw(Number(values.test), TEST_SEED);
  const { x } = toTensors(test);
  const found: Record<string, Int32Array> = { 'all ground': new Int32Array(test.masks.length) };
  console.log(
    ['network     ', ...['mean IoU', 'parameters', 'MACs', 'seconds'].map((cell) => cell.padStart(13))].join(''),
  );
  const report = (name: string, ...figures: readonly string[]): void => {
    const score = `${(100 * meanIoU(found[name]!, test.masks, CLASSES)).toFixed(1)} %`;
    console.log([name.padEnd(12), ...[score, ...figures].map((cell) => cell.padStart(13))].join(''));
  };
  report('all ground');
  for (const [name, build] of Object.entries(NETWORKS)) {
    const model = withSeed(new Random(1, 'initialization'), build);
    // Every epoch has new scenes.
    const seconds = await fitWithDecay(model, (epoch) => toTensors(draw(count, 1 + epoch)), {
      loss: 'categoricalCrossentropy',
      epochs: Number(values.epochs),
      batchSize: 8,
      learningRate: 0.003,
    });
    found[name] = classify(model, x);
    const { params, macs } = conv.cost(model).total;
    report(name, params.trainable.toLocaleString('en'), macs.toLocaleString('en'), seconds.toFixed(0));
    model.dispose();
  }
  const scenes = { values: test.images.map((value) => (value + 1) / 2), size: SIZE, channels: 3 } as const;
  const masks = { ...found, truth: test.masks };
  const rows = Object.values(masks).map((mask) => ({ ...scenes, values: colour(mask) }));
  await writePicture(values.out, [scenes, ...rows], 10);
  console.log(`rows: ${['scenes', ...Object.keys(masks)].join(', ')}; ${values.out}`);
}

void main();
