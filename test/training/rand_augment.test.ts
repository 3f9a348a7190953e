/** RandAugment: every operation has the values of torchvision; masks move along, and runs repeat their draws. */
import { parseAugment } from '../../src/cli/augment_option.js';
import { augmentImage, checkAugmentation, type Augmentation } from '../../src/training/augmentation.js';
import type { Dataset } from '../../src/training/dataset.js';
import {
  applyOperations,
  drawOperations,
  moveMaskBy,
  operationOf,
  OPERATIONS,
  type Operation,
} from '../../src/training/rand_augment.js';
import { Random } from '../../src/training/random.js';
import { trainingBatch } from '../../src/training/training_batch.js';
import fixtures from './fixtures/rand_augment.json';

const SHAPE = { height: 24, width: 26, channels: 3 } as const;
const BYTES = { low: 0, high: 255 };
const NONE: Augmentation = { zoom: 0, shift: 0 };

function image(): Float32Array {
  const { height, width, channels } = SHAPE;
  return Float32Array.from({ length: height * width * channels }, (_, at) => {
    const [c, x, y] = [at % channels, Math.floor(at / channels) % width, Math.floor(at / channels / width)];
    return (37 * y + 59 * x + 83 * c + 11 * x * y) % 251;
  });
}

test('there is a case of torchvision for each operation', () => {
  expect([...new Set(fixtures.map(({ name }) => name))]).toEqual(OPERATIONS);
});

test.each(fixtures)(
  '$name of magnitude $magnitude has the values of torchvision',
  ({ name, magnitude, negative, values }) => {
    const operation = operationOf(name as Operation['name'], magnitude, negative);
    const pixels = image();
    applyOperations(pixels, SHAPE, BYTES, [operation]);
    let [at, compared] = [0, 0];
    for (let y = 0; y < SHAPE.height; y += 5) {
      for (let element = 0; element < 3 * SHAPE.width; element += 1) {
        if (Math.floor(element / 3) % 7 !== 0) continue;
        const want = values[at++];
        if (typeof want !== 'number') continue;
        compared++;
        expect(Math.abs(pixels[3 * y * SHAPE.width + element]! - want)).toBeLessThan(0.02);
      }
    }
    expect(at).toBe(values.length);
    expect(compared).toBeGreaterThan(20);
    // Floats have the range of −1 to 1.
    const floats = image().map((value) => value / 127.5 - 1);
    applyOperations(floats, SHAPE, { low: -1, high: 1 }, [operation]);
    const worst = floats.reduce(
      (most, value, index) => Math.max(most, Math.abs((value + 1) * 127.5 - pixels[index]!)),
      0,
    );
    expect(worst).toBeLessThan(0.01);
  },
);

test('draws all operations alike, with both signs, the same ones for the same image of an epoch', () => {
  const counts = new Map<string, number>();
  let negative = 0;
  for (let number = 0; number < 2000; number++) {
    const drawn = drawOperations({}, new Random(1, 'augmentation', 2, number));
    expect(drawn).toHaveLength(2);
    for (const { name, amount } of drawn) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (name === 'rotate' && amount < 0) negative++;
    }
  }
  expect(counts.size).toBe(OPERATIONS.length);
  for (const count of counts.values()) expect(Math.abs(count - 4000 / 14)).toBeLessThan(60);
  expect(Math.abs(negative - counts.get('rotate')! / 2)).toBeLessThan(40);

  const run = (index: number): Float32Array => {
    const target = new Float32Array(image().length);
    augmentImage(
      image(),
      target,
      SHAPE,
      { ...NONE, rand: { operations: 3, magnitude: 12 } },
      new Random(4, 'augmentation', 1, index),
    );
    return target;
  };
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
});

test('a mask moves with its image, and keeps its classes where only colours change', () => {
  const { height, width } = SHAPE;
  const mask = Uint8Array.from({ length: height * width }, (_, at) => Number(at % width > 12 !== at > 300));
  for (const name of OPERATIONS) {
    const [moved, pixels] = [mask.slice(), Float32Array.from(mask, (value) => 80 * value)];
    const operations = [operationOf(name, 12, false)];
    moveMaskBy(moved, SHAPE, operations);
    if (name.startsWith('shear') || name.startsWith('translate') || name === 'rotate') {
      applyOperations(pixels, { ...SHAPE, channels: 1 }, BYTES, operations);
      const wrong = moved.filter((value, at) => Math.abs(80 * value - pixels[at]!) > 41 && pixels[at]! % 80 === 0);
      expect([name, wrong.length]).toEqual([name, 0]);
      expect(moved).not.toEqual(mask);
    } else expect(moved).toEqual(mask);
  }
  const images = Uint8Array.from(mask, (value) => 80 * value);
  const batch: Dataset = { images, labels: Int32Array.of(1), classNames: ['a', 'b', 'c', 'd'], height, width, channels: 1, masks: { values: mask, height, width } }; // prettier-ignore
  const augmentation = { zoom: 0.1, shift: 0.1, rand: { operations: 1, magnitude: 20 } };
  for (let number = 0; number < 30; number++) {
    const random = new Random(1, 'augmentation', 0, number);
    // Zoom and shift take three numbers.
    for (let drawn = 0; drawn < 3; drawn++) random.uniform();
    const [{ name }] = drawOperations(augmentation.rand, random) as [Operation];
    if (!['rotate', 'shearX', 'shearY'].includes(name)) continue;
    const { pixels, classes } = trainingBatch(batch, { augmentation, seed: 1, epoch: 0, step: 0, numbers: [number] });
    // Pixels are scaled to [−1, 1]; two interpolations blur the borders between classes.
    const wrong = classes.filter((value, at) => Math.abs(80 * value - (pixels[at]! + 1) * 127.5) > 85);
    expect(wrong.length).toBeLessThan(3);
  }
});

test('options are checked, and have a short form', () => {
  expect(parseAugment('randaugment')).toEqual({ ...NONE, rand: {} });
  expect(parseAugment('flip,rand=3:12')).toEqual({
    ...NONE,
    flip: 'horizontal',
    rand: { operations: 3, magnitude: 12 },
  });
  for (const text of ['rand=3', 'rand=0:9', 'rand=15:9', 'rand=2:31', 'rand=2:x', 'rand=', 'rand,randaugment']) {
    expect(() => parseAugment(text)).toThrow(/rand|list such as/i);
  }
  expect(() => checkAugmentation({ ...NONE, rand: { number: 2 } as never })).toThrow(
    'received augmentation.rand.number',
  );
});
