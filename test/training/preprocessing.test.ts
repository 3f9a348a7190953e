/** Preprocessing: fit, background and scaling of images, and its record in a model. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { prepareImage } from '../../src/training/decode_image.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { loadModel, saveModel } from '../../src/training/model_files.js';
import {
  choosePreprocessing,
  placeImage,
  preprocessingOf,
  type Preprocessing,
  type PreprocessingOptions,
} from '../../src/training/preprocessing.js';
import { fitSplit } from '../../src/training/resize.js';
import { writeImageFolder } from './support/image_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();
const SHAPE = { height: 8, width: 8, channels: 3 } as const;
/** Leaves pixels as they are. */
const AS_BYTES = { range: [0, 255] } as const;
const [RED, GREEN, BLUE] = [
  [256, 0, 0],
  [0, 256, 0],
  [0, 0, 256],
] as const;

const choose = (options: PreprocessingOptions): Preprocessing => choosePreprocessing('test', SHAPE, options);

/** Encodes an image of colours side by side (or one above the other), each of them a square of 40 pixels. */
function bands(colours: readonly (readonly number[])[], isUpright = false): Promise<Buffer> {
  const create = { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
  const place = (index: number): object => ({
    [isUpright ? 'top' : 'left']: 40 * index,
    [isUpright ? 'left' : 'top']: 0,
  });
  const size = { [isUpright ? 'height' : 'width']: 40 * colours.length };
  const tiles = colours.map(([r, g, b, alpha = 255], index) => ({
    input: {
      create: {
        ...create,
        background: { r: Math.min(r!, 255), g: Math.min(g!, 255), b: Math.min(b!, 255), alpha: alpha / 255 },
      },
    },
    ...(place(index) as { top: number; left: number }),
  }));
  return sharp({ create: { ...create, ...size } })
    .composite(tiles)
    .png()
    .toBuffer();
}

/** Colour of the prepared image at a pixel, rounded to multiples of 32, since resizing rings at edges. */
async function colourAt(image: Uint8Array, options: PreprocessingOptions, y: number, x: number): Promise<number[]> {
  const values = await prepareImage(image, choose({ ...AS_BYTES, ...options }));
  expect(values.length).toBe(8 * 8 * 3);
  return [...values.subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)].map((value) => 32 * Math.round(value / 32));
}

beforeAll(() => tf.setBackend('cpu'));

describe('prepareImage()', () => {
  test.each([false, true])(
    'crops the middle of an image three times as long as wide (upright: %p)',
    async (isUpright) => {
      const image = await bands([RED, GREEN, BLUE], isUpright);
      for (const at of [1, 6]) expect(await colourAt(image, {}, at, at)).toEqual(GREEN);
      const [first, last] = isUpright ? [[0, 4], [7, 4]] : [[4, 0], [4, 7]]; // prettier-ignore
      expect(await colourAt(image, { fit: 'stretch' }, first[0]!, first[1]!)).toEqual(RED);
      expect(await colourAt(image, { fit: 'stretch' }, last[0]!, last[1]!)).toEqual(BLUE);
      const contained = { fit: 'contain', background: [96, 0, 64] } as const;
      expect(await colourAt(image, contained, first[0]!, first[1]!)).not.toEqual([96, 0, 64]);
      expect(await colourAt(image, contained, isUpright ? 4 : 0, isUpright ? 0 : 4)).toEqual([96, 0, 64]);
    },
  );

  test('lays transparent pixels on the background, white if none is chosen', async () => {
    const image = await bands([[200, 10, 10, 0]]);
    expect(await colourAt(image, {}, 4, 4)).toEqual([256, 256, 256]);
    expect(await colourAt(image, { background: [32, 64, 96] }, 4, 4)).toEqual([32, 64, 96]);
  });

  test('scales values to a range, or by mean and standard deviation', async () => {
    const image = await bands([[255, 51, 0]]);
    const first = async (options: PreprocessingOptions): Promise<number[]> =>
      [...(await prepareImage(image, choose(options))).subarray(0, 3)].map((value) => Number(value.toFixed(5)));
    expect(await first({})).toEqual([1, -0.6, -1]);
    expect(await first({ range: [0, 1] })).toEqual([1, 0.2, 0]);
    expect(await first({ mean: 0.5, std: 0.25 })).toEqual([2, -1.2, -2]);
    const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    expect(await first(imageNet)).toEqual([0.515 / 0.229, -0.256 / 0.224, -0.406 / 0.225].map((v) => Number(v.toFixed(5)))); // prettier-ignore
  });

  test('fits images with extreme aspect ratios', async () => {
    const line = await sharp({ create: { width: 30000, height: 1, channels: 3, background: '#0f0' } })
      .png()
      .toBuffer();
    for (const fit of ['crop', 'stretch', 'contain'] as const) {
      const preprocessing = choosePreprocessing('test', { height: 512, width: 512, channels: 3 }, { fit });
      expect((await prepareImage(line, preprocessing)).length).toBe(512 * 512 * 3);
    }
  });

  test('refuses bytes that are no image, and an image that is none', async () => {
    await expect(prepareImage(new Uint8Array(50), choose({}))).rejects.toThrow(
      "every image must be complete and readable, received file = 'bytes'",
    );
    await expect(prepareImage(5 as never, choose({}))).rejects.toThrow('image must be a path or a Uint8Array');
    await expect(prepareImage(inFolder('nowhere.png'), choose({}))).rejects.toThrow(inFolder('nowhere.png'));
  });
});

describe('placeImage()', () => {
  test('agrees with fitSplit() on where an image is', () => {
    // A white column in the middle of a wide black image.
    const images = Uint8Array.from({ length: 4 * 12 }, (_, index) => (index % 12 === 6 ? 255 : 0));
    const labels = Int32Array.of(0);
    const part = { images, labels, height: 4, width: 12, channels: 1, classNames: ['x'] };
    for (const fit of ['crop', 'stretch', 'contain'] as const) {
      const fitting = { height: 16, width: 16, fit, background: [0, 0, 0] } as const;
      const { train } = fitSplit({ name: 'x', train: part, test: part }, fitting);
      expect([train.height, train.width]).toEqual([16, 16]);
      const { left, width } = placeImage(part, fitting);
      const row = Array.from(train.images.subarray(8 * 16, 9 * 16));
      const centre =
        row.reduce((sum, value, x) => sum + value * (x + 0.5), 0) / row.reduce((sum, value) => sum + value);
      expect(Math.abs(centre - (left + (6.5 / 12) * width))).toBeLessThan(0.6);
    }
  });
});

describe('the record in a model', () => {
  const classifier = (): tf.LayersModel =>
    tf.sequential({
      layers: [tf.layers.globalAveragePooling2d({ inputShape: [8, 8, 3], dataFormat: 'channelsLast' })],
    });

  test('is saved, loaded and obeyed by loadImageFolder()', async () => {
    await writeImageFolder(inFolder('photos'), { blue: [10, 20, 200], red: [220, 30, 10] }, 3);
    fs.writeFileSync(inFolder('photos/red/long.png'), await bands([RED, GREEN, BLUE]));
    const options = { size: 8, fit: 'contain', background: [1, 2, 3], mean: [0.1, 0.2, 0.3], std: 0.5 } as const;
    const data = await loadImageFolder(inFolder('photos'), options);
    const model = classifier();
    model.setUserDefinedMetadata({ classNames: data.train.classNames, preprocessing: data.train.preprocessing });
    await saveModel(model, inFolder('model'));
    const preprocessing = preprocessingOf(await loadModel(inFolder('model')));
    expect(preprocessing).toEqual(choosePreprocessing('test', SHAPE, { ...options }));
    expect(await loadImageFolder(inFolder('photos'), { preprocessing })).toEqual(data);
    await expect(loadImageFolder(inFolder('photos'), { preprocessing, fit: 'crop' })).rejects.toThrow(
      'fit must not come with preprocessing',
    );
  });

  test('is a guess for other models: cropped, or stretched for runs that recorded only their classes', () => {
    const model = classifier();
    expect(preprocessingOf(model)).toEqual(choose({}));
    model.setUserDefinedMetadata({ classNames: ['a', 'b', 'c'] });
    expect(preprocessingOf(model)).toEqual(choose({ fit: 'stretch', background: [0, 0, 0] }));
  });

  test.each([
    ['a word', 'crop'],
    ['no size', Object.fromEntries(Object.entries(choose({})).filter(([name]) => name !== 'height'))],
    ['a size below 1', { ...choose({}), width: 0 }],
    ['two channels', { ...choose({}), channels: 2 }],
    ['an unknown fit', { ...choose({}), fit: 'squeeze' }],
    ['a colour of two parts', { ...choose({}), background: [1, 2] }],
    ['a scale of two channels', { ...choose({}), scale: [1, 2] }],
    ['an offset of text', { ...choose({}), offset: ['1', '1', '1'] }],
    ['an unknown field', { ...choose({}), blur: 1 }],
  ])('with %s is refused', (_, preprocessing) => {
    const model = classifier();
    model.setUserDefinedMetadata({ preprocessing });
    expect(() => preprocessingOf(model)).toThrow(/^Cannot read the preprocessing: .*, received preprocessing/);
  });
});
