/** The main job: its scenes, its networks, and a short run of it. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '../../src/index.js';
import { samplingLocations } from '../../src/analysis/sampling_locations.js';
import {
  composeScene,
  drawScene,
  drawScenes,
  GROUND,
  halfSizeOf,
  isInk,
  MAP_SIZE,
  middlePosition,
  namesOf,
  SCALES,
  SCENE_SIZE,
  scatterPieces,
  type DigitScene,
} from '../../src/cli/scenes/digit_scenes.js';
import { PLAIN_RUN } from '../../src/cli/scenes/plain_run.js';
import { correlationOf } from '../../src/cli/scenes/sampling_figures.js';
import { BOX_LAYER, buildSceneNetwork } from '../../src/cli/scenes/scene_network.js';
import { sceneTensor } from '../../src/cli/scenes/scene_tensor.js';
import { loadMnist } from '../../src/training/mnist.js';
import { Random } from '../../src/training/random.js';
import { takeFirst } from '../../src/training/take_first.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, succeed } from './support.js';

const inFolder = temporaryFolder();

describe('drawScenes()', () => {
  let scenes: DigitScene[];

  beforeAll(async () => {
    scenes = drawScenes(takeFirst((await loadMnist()).test, 40), 3);
  });

  test('draws the same scenes for a seed, and others for another', async () => {
    const digits = takeFirst((await loadMnist()).test, 40);
    const imagesOf = (drawn: readonly DigitScene[]): Buffer =>
      Buffer.concat(drawn.map(({ image }) => Buffer.from(image.buffer)));
    expect(imagesOf(drawScenes(digits, 3)).equals(imagesOf(scenes))).toBe(true);
    expect(imagesOf(drawScenes(digits, 4)).equals(imagesOf(scenes))).toBe(false);
  });

  test('draws digits as high as their scale says, amid clutter that stays apart from them', () => {
    for (const { image, object, scale } of scenes) {
      expect(scale).toBeGreaterThanOrEqual(SCALES[0]);
      expect(scale).toBeLessThanOrEqual(SCALES[1]);
      const inked = [...object.keys()].filter((pixel) => object[pixel]! > 0);
      const [rows, columns] = [
        inked.map((pixel) => Math.floor(pixel / SCENE_SIZE)),
        inked.map((pixel) => pixel % SCENE_SIZE),
      ];
      const height = Math.max(...rows) - Math.min(...rows) + 1;
      // A digit of the data is 20 pixels high or wide; interpolation adds a pixel on either side.
      expect(Math.max(height, Math.max(...columns) - Math.min(...columns) + 1)).toBeLessThanOrEqual(20 * scale + 2);
      expect(height).toBeGreaterThan(8 * scale);
      const clutter = [...image.keys()].filter((pixel) => image[pixel] !== object[pixel]);
      for (const pixel of clutter) expect(object[pixel]).toBe(0);
      expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(
      scenes.filter(({ image, object }) => image.some((value, at) => value !== object[at])).length,
    ).toBeGreaterThan(35);
  });

  test('names the positions on the digit, the middle one among them', () => {
    for (const scene of scenes) {
      const names = namesOf(scene);
      expect(names).toHaveLength(MAP_SIZE ** 2);
      expect(new Set(names)).toEqual(new Set([scene.label, GROUND]));
      const [row, column] = middlePosition(scene);
      expect(names[row * MAP_SIZE + column]).toBe(scene.label);
      const hasInkAt = (pixel: number): boolean => scene.object[pixel]! > 0.3;
      names.forEach((name, at) => {
        const first = 2 * Math.floor(at / MAP_SIZE) * SCENE_SIZE + 2 * (at % MAP_SIZE);
        const hasInk = [first, first + 1, first + SCENE_SIZE, first + SCENE_SIZE + 1].some(hasInkAt);
        expect(name === scene.label).toBe(hasInk);
      });
    }
  });

  test('draws a digit where and as large as asked', async () => {
    const digits = takeFirst((await loadMnist()).test, 1);
    const scene = drawScene(digits, 0, { random: new Random(1, 'split'), scale: 1, at: [20, 30] });
    expect([scene.scale, scene.y, scene.x]).toEqual([1, 20, 30]);
  });
});

test('composeScene() leaves out pieces that the digit would touch', async () => {
  const digits = takeFirst((await loadMnist()).test, 12);
  const pieces = scatterPieces(digits, 5);
  expect(scatterPieces(digits, 5)).toEqual(pieces);
  expect(scatterPieces(digits, 6)).not.toEqual(pieces);
  const { y, x } = pieces[0]!;
  const clutterOf = ({ image, object }: DigitScene): number => image.filter((value, at) => value !== object[at]).length;
  const alone = composeScene(digits, 3, { scale: 0.8, at: [24, 24], pieces: [] });
  expect(clutterOf(alone)).toBe(0);
  expect(clutterOf(composeScene(digits, 3, { scale: 0.8, at: [y, x], pieces: [pieces[0]!] }))).toBe(0);
  const beside = composeScene(digits, 3, {
    scale: 0.8,
    at: [y < 24 ? 38 : 10, x < 24 ? 38 : 10],
    pieces: [pieces[0]!],
  });
  expect(clutterOf(beside)).toBeGreaterThan(0);
  const [halfHeight, halfWidth] = halfSizeOf(digits, 3);
  expect(Math.max(halfHeight, halfWidth)).toBe(10);
});

test('isInk() tells pixels of the digit from those beside it and outside of the image', async () => {
  const digits = takeFirst((await loadMnist()).test, 1);
  const scene = composeScene(digits, 0, { scale: 1, at: [24, 24], pieces: [] });
  const brightest = scene.object.indexOf(Math.max(...scene.object));
  const place = { y: Math.floor(brightest / SCENE_SIZE), x: brightest % SCENE_SIZE };
  expect(isInk(scene, { y: place.y + 0.4, x: place.x - 0.4 })).toBe(true);
  expect(isInk(scene, { y: 0, x: 0 })).toBe(false);
  expect(isInk(scene, { y: -3, x: place.x })).toBe(false);
});

test('the nine samples of boxes form a rectangle that four numbers give', async () => {
  await tf.setBackend('cpu');
  const model = buildSceneNetwork('boxes', 1);
  const box = model.getLayer(BOX_LAYER);
  const [kernel] = box.getWeights();
  // Scale y, scale x, shift y, shift x, in positions of the map, which are 2 pixels apart.
  box.setWeights([tf.zerosLike(kernel!), tf.tensor1d([1, -0.5, 2, -1])]);
  const scene = composeScene(takeFirst((await loadMnist()).test, 1), 0, { scale: 1, at: [24, 24], pieces: [] });
  const { images } = await samplingLocations(model, sceneTensor(scene), { positions: [[10, 12]] });
  const taps = images[0]![0]!.taps.map(({ y, x }) => [y, x]);
  const wanted = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => [20 + 4 + 6 * row, 24 - 2 + 3 * column]));
  const distances = taps.map(([y, x], at) => Math.hypot(y! - wanted[at]![0]!, x! - wanted[at]![1]!));
  expect(Math.max(...distances)).toBeLessThan(1e-4);
});

test('the deformable network and the plain one have as many parameters, within 5 %', async () => {
  await tf.setBackend('cpu');
  const [deformable, plain, deeper] = (['deformable', 'wide', 'deeper'] as const).map((name) =>
    buildSceneNetwork(name, 1),
  );
  expect(deformable!.countParams()).toBe(15_069);
  expect(Math.abs(plain!.countParams() / deformable!.countParams() - 1)).toBeLessThan(0.05);
  expect(plain!.countParams()).toBe(PLAIN_RUN.parameters);
  expect(Math.abs(deeper!.countParams() / deformable!.countParams() - 1)).toBeLessThan(0.05);
  expect(deformable!.outputs[0]!.shape).toEqual([null, MAP_SIZE, MAP_SIZE, GROUND + 1]);
  expect(plain!.outputs[0]!.shape).toEqual(deformable!.outputs[0]!.shape);
});

test('correlationOf() is 1 for a rising line, −1 for a falling one, and 0.5 for half of it', () => {
  expect(correlationOf([1, 2, 3], [10, 20, 30])).toBeCloseTo(1, 12);
  expect(correlationOf([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  expect(correlationOf([1, 2, 3], [1, 3, 2])).toBeCloseTo(0.5, 12);
});

test('train alone trains on scenes and draws its samples; evaluate finds the scenes again', async () => {
  const { stdout } = await succeed(['train', '--limit', '32', '--epochs', '1', '--batch', '16'], inFolder());
  expect(stdout).toContain('data     scenes: 32 training and 500 test images of 48×48×1, 11 classes\n');
  expect(stdout).toMatch(/test accuracy \d+\.\d\d % of the pixels, mean IoU \d+\.\d\d %, loss \d+\.\d{3}\n/);
  expect(stdout).toMatch(/\n\d+\.\d % of the positions on digits are named right\n/);
  expect(stdout).toMatch(
    /\na plain network of \S+ parameters: test accuracy \S+ %, \S+ % on digits \(stored from a run of\n/,
  );
  expect(stdout).toMatch(/samples are spread over \d+\.\d px .* and \d+\.\d px on the largest\n/);
  expect(stdout).toMatch(/always 4\.6 px\); correlation of spread and size -?[01]\.\d\d\n/);
  const written = Object.keys(snapshot(inFolder('runs/scenes-1')));
  expect(written).toEqual(expect.arrayContaining(['samples_follow_size.svg', 'spread_by_size.svg', 'curves.svg']));
  expect(written).not.toContain('sampling.svg');
  expect(fs.readFileSync(inFolder('runs/scenes-1/samples_follow_size.svg'), 'utf8')).toContain('Plain: the 3×3 grid');
  const { stdout: evaluated } = await succeed(['evaluate', 'runs/scenes-1'], inFolder());
  const [, accuracy, overlap] = /test accuracy (\S+ %) of the pixels, (mean IoU \S+ %)/.exec(stdout)!;
  expect(evaluated).toContain(`${accuracy}, ${overlap}, mean Dice `);
  expect(evaluated).toMatch(/^class +pixels {2}precision +recall +f1 +IoU {2}most often mistaken for\n0 /m);
});

test.each([
  ['--model mobileNetV1', "option '--model' cannot be used with option '--data scenes'"],
  ['--from emoji', "option '--from' cannot be used with option '--data scenes'"],
  ['--class-weights', "option '--class-weights' cannot be used with option '--data scenes'"],
  ['--deformable 2', "option '--deformable' must be 0 or 1 with option '--data scenes', received deformable = 2"],
])('train --data scenes %s is a wrong command line', async (options, message) => {
  await expectFailure(['train', '--data', 'scenes', ...options.split(' ')], inFolder(), 2, message);
});
