/** Data sets in memory, the built-in digits, and resizing. */
import * as tf from '@tensorflow/tfjs';
import { batchPixels } from '../../src/training/batch_pixels.js';
import { checkDataset } from '../../src/training/check_dataset.js';
import type { Dataset } from '../../src/training/dataset.js';
import { loadMnist } from '../../src/training/mnist.js';
import { resizeSplit } from '../../src/training/resize.js';
import { splitByClass } from '../../src/training/split_by_class.js';
import { takeFirst } from '../../src/training/take_first.js';

const BYTES: Dataset = {
  images: Uint8Array.from([0, 51, 102, 255, 10, 20, 30, 40, 1, 2, 3, 4]),
  labels: Int32Array.from([1, 0, 1]),
  height: 2,
  width: 2,
  channels: 1,
  classNames: ['a', 'b'],
};

describe('batchPixels()', () => {
  test('returns the selected images in order, with bytes scaled to −1 … 1', () => {
    const pixels = batchPixels(BYTES, [2, 0]);
    expect([...pixels]).toEqual([1, 2, 3, 4, 0, 51, 102, 255].map((value) => Math.fround(value / 127.5 - 1)));
  });

  test('returns floats unchanged', () => {
    const floats = { ...BYTES, images: Float32Array.from(BYTES.images) };
    expect([...batchPixels(floats, [1])]).toEqual([10, 20, 30, 40]);
  });

  test('augments an image by its own index, not by its position in the batch', () => {
    const epoch = { augmentation: { zoom: 0.2, shift: 0.2 }, seed: 1, epoch: 0 };
    const together = batchPixels(BYTES, [2, 0, 1], epoch);
    expect(together.subarray(8)).toEqual(batchPixels(BYTES, [1], epoch));
    expect(batchPixels(BYTES, [1], { ...epoch, epoch: 1 })).not.toEqual(batchPixels(BYTES, [1], epoch));
  });
});

describe('takeFirst()', () => {
  test('takes the first images with their labels, or all if there are fewer', () => {
    expect([...takeFirst(BYTES, 2).labels]).toEqual([1, 0]);
    expect([...takeFirst(BYTES, 2).images]).toEqual([...BYTES.images.subarray(0, 8)]);
    expect([...takeFirst(BYTES, 9).labels]).toEqual([1, 0, 1]);
  });

  test('refuses a count of 0', () => {
    expect(() => takeFirst(BYTES, 0)).toThrow('count must be an integer of at least 1, received count = 0');
  });
});

describe('checkDataset()', () => {
  test.each([
    [{ labels: new Int32Array(0) }, 'the data must contain at least one image'],
    [{ labels: Int32Array.from([0, 1]) }, '2 labels must come with 8 pixel values, received values = 12'],
    [{ labels: Int32Array.from([0, 1, 2]) }, 'labels must be from 0 to 1, received label = 2'],
  ])('refuses %j', (change, message) => {
    expect(() => checkDataset('train', { ...BYTES, ...change })).toThrow(`Cannot train: ${message}`);
  });
});

describe('clamped bytes from a canvas', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  const CLAMPED: Dataset = { ...BYTES, images: Uint8ClampedArray.from(BYTES.images) };
  const augmentation = { augmentation: { zoom: 0.3, shift: 0.2 }, seed: 1, epoch: 0 };
  const divided = (dataset: Dataset): Dataset => {
    const images = dataset.images instanceof Uint8ClampedArray ? new Uint8ClampedArray(16) : new Uint8Array(16);
    return splitByClass({ ...dataset, images: images.fill(7), labels: Int32Array.from([0, 0, 1, 1]) }, 1).train;
  };
  const resized = (dataset: Dataset): Dataset => resizeSplit({ name: 'x', train: dataset, test: dataset }, 3).train;

  test.each<[string, (dataset: Dataset) => Dataset]>([
    ['as they are', (dataset) => dataset],
    ['after takeFirst()', (dataset) => takeFirst(dataset, 2)],
    ['after splitByClass()', divided],
    ['after resizeSplit()', resized],
  ])('are scaled like bytes %s', (_, change) => {
    const [clamped, bytes] = [change(CLAMPED), change(BYTES)];
    expect(clamped.images).toBeInstanceOf(Uint8ClampedArray);
    expect([...clamped.images]).toEqual([...bytes.images]);
    expect(batchPixels(clamped, [1, 0])).toEqual(batchPixels(bytes, [1, 0]));
    expect(batchPixels(clamped, [1, 0], augmentation)).toEqual(batchPixels(bytes, [1, 0], augmentation));
  });
});

describe('pixels that are not finite', () => {
  const wrong = (value: number): Dataset => ({
    ...BYTES,
    images: Float32Array.from([0, 1, 2, 3, 4, 5, value, 7, 8, 9, 10, value]),
  });

  test.each([NaN, Infinity, -Infinity])('%d is refused with its location', (value) => {
    const message = `pixels must be finite, received image 1, y 1, x 0, channel 0 = ${value}`;
    for (const call of [
      () => takeFirst(wrong(value), 1),
      () => splitByClass(wrong(value), 1),
      () => resizeSplit({ name: 'x', train: wrong(value), test: BYTES }, 3),
      () => checkDataset('train', wrong(value)),
    ]) {
      expect(call).toThrow(message);
    }
  });
});

describe('loadMnist()', () => {
  test('splits the digits into 8,000 and 2,000, 200 of each class, always the same and without overlap', async () => {
    const data = await loadMnist();
    expect(data.train.labels.length).toBe(8000);
    expect(data.test.labels.length).toBe(2000);
    const count = (labels: Int32Array, digit: number): number => labels.filter((label) => label === digit).length;
    expect(data.test.classNames.map((_, digit) => count(data.test.labels, digit))).toEqual(new Array(10).fill(200));
    const key = ({ images }: Dataset, index: number): string =>
      Buffer.from(images.buffer, index * 784, 784).toString('base64');
    const keys = (part: Dataset): string[] => Array.from(part.labels, (_, index) => key(part, index));
    const trained = new Set(keys(data.train));
    expect(keys(data.test).filter((image) => trained.has(image))).toEqual([]);
    expect((await loadMnist()).test.images).toEqual(data.test.images);
  });

  test('includes every class in the first hundred training images', async () => {
    const { train } = await loadMnist();
    expect(new Set(train.labels.subarray(0, 100)).size).toBe(10);
  });
});

describe('resizeSplit()', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test('doubles an image with half-pixel centres', () => {
    const row = { ...BYTES, images: Uint8Array.from([0, 100, 0, 100]), labels: Int32Array.from([0]) };
    const { train } = resizeSplit({ name: 'x', train: row, test: row }, 4);
    expect([train.height, train.width]).toEqual([4, 4]);
    expect([...train.images.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
    expect(train.images).toBeInstanceOf(Uint8Array);
  });

  test('returns the data itself if it has the size already, and leaks no tensor', () => {
    const data = { name: 'x', train: BYTES, test: BYTES };
    const before = tf.memory().numTensors;
    expect(resizeSplit(data, 2)).toBe(data);
    resizeSplit(data, 3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
