/** Zoom and shift against naive bilinear sampling. */
import { augmentImages } from '../../src/training/augment_images.js';
import { augmentImage, checkAugmentation, type Augmentation } from '../../src/training/augmentation.js';
import { moveImage } from '../../src/training/affine_image.js';
import { batchPixels } from '../../src/training/batch_pixels.js';
import { mixBatch } from '../../src/training/mix_batch.js';
import { Random } from '../../src/training/random.js';

const SHAPE = { height: 5, width: 7, channels: 2 } as const;
const SIZE = SHAPE.height * SHAPE.width * SHAPE.channels;

function image(): Float32Array {
  const random = new Random(9, 'split');
  return Float32Array.from({ length: SIZE }, () => random.uniform());
}

function augment(pixels: Float32Array, augmentation: Augmentation, index = 0): Float32Array {
  const target = new Float32Array(SIZE);
  augmentImage(pixels, target, SHAPE, augmentation, new Random(4, 'augmentation', 1, index));
  return target;
}

/** Samples the image at any location: bilinear, with the border extended outside. */
function read(pixels: Float32Array, y: number, x: number, c: number): number {
  const at = (row: number, column: number): number => {
    const inside = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1);
    return pixels[(inside(row, SHAPE.height) * SHAPE.width + inside(column, SHAPE.width)) * SHAPE.channels + c]!;
  };
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [down, right] = [y - top, x - left];
  return (
    (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
    down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1))
  );
}

describe('augmentImage()', () => {
  test.each([0, 1, 2, 3])('samples the zoomed and shifted image (image %d)', (index) => {
    const pixels = image();
    const limits = { zoom: 0.4, shift: 0.3 };
    const random = new Random(4, 'augmentation', 1, index);
    const zoom = random.between(0.6, 1.4);
    const down = random.between(-0.3, 0.3) * SHAPE.height;
    const right = random.between(-0.3, 0.3) * SHAPE.width;
    const got = augment(pixels, limits, index);
    const want = got.map((_, position) => {
      const c = position % SHAPE.channels;
      const x = Math.floor(position / SHAPE.channels) % SHAPE.width;
      const y = Math.floor(position / SHAPE.channels / SHAPE.width);
      return read(pixels, (y - 2 - down) / zoom + 2, (x - 3 - right) / zoom + 3, c);
    });
    got.forEach((value, position) => {
      expect(value).toBeCloseTo(want[position]!, 5);
    });
  });

  test('leaves the image unchanged without zoom and shift', () => {
    const pixels = image();
    expect(augment(pixels, { zoom: 0, shift: 0 })).toEqual(pixels);
  });

  test('is deterministic for the same coordinates and differs between images', () => {
    const pixels = image();
    const limits = { zoom: 0.1, shift: 0.1 };
    expect(augment(pixels, limits, 3)).toEqual(augment(pixels, limits, 3));
    expect(augment(pixels, limits, 3)).not.toEqual(augment(pixels, limits, 4));
  });
});

describe('checkAugmentation()', () => {
  test.each([
    [{ zoom: 1, shift: 0 }, 'zoom must be at least 0 and below 1, received zoom = 1'],
    [{ zoom: NaN, shift: 0 }, 'received zoom = NaN'],
    [{ zoom: 0, shift: -0.1 }, 'shift must be from 0 to 1, received shift = -0.1'],
  ])('refuses %j', (augmentation, message) => {
    expect(() => checkAugmentation(augmentation)).toThrow(message);
  });
});

const NONE = { zoom: 0, shift: 0 } as const;

describe('augmentImage() with other changes', () => {
  test('flips half of the images along each axis', () => {
    const pixels = image();
    const flipped = (rows: boolean, columns: boolean): number[] =>
      Array.from({ length: SIZE }, (_, position) => {
        const c = position % SHAPE.channels;
        const x = Math.floor(position / SHAPE.channels) % SHAPE.width;
        const y = Math.floor(position / SHAPE.channels / SHAPE.width);
        return read(pixels, rows ? 4 - y : y, columns ? 6 - x : x, c);
      });
    const forms = [flipped(false, false), flipped(false, true), flipped(true, false), flipped(true, true)];
    const counts = (flip: 'horizontal' | 'vertical' | 'both'): number[] => {
      const found = [0, 0, 0, 0];
      for (let index = 0; index < 200; index++) {
        const result = [...augment(pixels, { ...NONE, flip }, index)];
        found[forms.findIndex((form) => form.every((value, at) => Math.abs(value - result[at]!) < 1e-6))]!++;
      }
      return found;
    };
    for (const [flip, wanted] of [
      ['horizontal', [100, 100, 0, 0]],
      ['vertical', [100, 0, 100, 0]],
      ['both', [50, 50, 50, 50]],
    ] as const) {
      counts(flip).forEach((count, at) => {
        expect(Math.abs(count - wanted[at]!)).toBeLessThan(wanted[at] === 0 ? 1 : 30);
      });
    }
  });

  test('rotates counterclockwise about the centre, as written out', () => {
    const pixels = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const target = new Float32Array(9);
    const motion = { zoom: 1, shift: [0, 0], flipRows: false, flipColumns: false, angle: Math.PI / 2 } as const;
    moveImage(pixels, target, { height: 3, width: 3, channels: 1 }, motion);
    [3, 6, 9, 2, 5, 8, 1, 4, 7].forEach((want, at) => {
      expect(target[at]).toBeCloseTo(want, 5);
    });
  });

  test('rotation, zoom and shift sample the image where the formula says', () => {
    const pixels = image();
    const [angle, zoom, down, right] = [0.4, 1.3, 0.6, -0.8];
    const target = new Float32Array(SIZE);
    moveImage(pixels, target, SHAPE, { zoom, shift: [down, right], flipRows: true, flipColumns: false, angle });
    target.forEach((value, position) => {
      const c = position % SHAPE.channels;
      const x = (Math.floor(position / SHAPE.channels) % SHAPE.width) - 3 - right;
      const y = Math.floor(position / SHAPE.channels / SHAPE.width) - 2 - down;
      const [u, v] = [Math.cos(angle) * x - Math.sin(angle) * y, Math.sin(angle) * x + Math.cos(angle) * y];
      const inside = (at: number, most: number): number => Math.min(Math.max(at, 0), most);
      expect(value).toBeCloseTo(read(pixels, inside(2 - v / zoom, 4), inside(3 + u / zoom, 6), c), 5);
    });
  });

  test('scales contrast about the mean of each channel, shifts brightness and stays in the range', () => {
    const pixels = Uint8Array.from(image(), (value) => value * 255);
    const random = new Random(4, 'augmentation', 1, 0);
    for (let draw = 0; draw < 3; draw++) random.uniform();
    const [factor, delta] = [random.between(0.5, 1.5), random.between(-0.4, 0.4) * 255];
    const target = new Float32Array(SIZE);
    const augmentation = { ...NONE, contrast: 0.5, brightness: 0.4 };
    augmentImage(pixels, target, SHAPE, augmentation, new Random(4, 'augmentation', 1, 0));
    const means = [0, 1].map((c) => {
      const own = [...pixels].filter((_, at) => at % 2 === c);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    target.forEach((value, at) => {
      const want = (pixels[at]! - means[at % 2]!) * factor + means[at % 2]! + delta;
      expect(value).toBeCloseTo(Math.min(Math.max(want, 0), 255), 3);
    });
  });

  test('erases a rectangle of so many images', () => {
    const shape = { height: 16, width: 16, channels: 1 };
    const pixels = new Uint8Array(256).fill(200);
    let erased = 0;
    for (let index = 0; index < 200; index++) {
      const target = new Float32Array(256);
      augmentImage(pixels, target, shape, { ...NONE, erase: 0.3 }, new Random(4, 'augmentation', 0, index));
      const inside = [...target].flatMap((value, at) => (value === 127.5 ? [at] : []));
      if (inside.length === 0) continue;
      erased++;
      const [ys, xs] = [inside.map((at) => at >> 4), inside.map((at) => at & 15)];
      const area = (Math.max(...ys) - Math.min(...ys) + 1) * (Math.max(...xs) - Math.min(...xs) + 1);
      expect(inside).toHaveLength(area);
      expect(area).toBeLessThan(0.36 * 256);
    }
    expect(Math.abs(erased - 60)).toBeLessThan(25);
  });
});

describe('mixBatch()', () => {
  const shape = { height: 6, width: 6, channels: 1 };

  test.each([
    ['mixup', { mixup: 0.5, cutmix: 0 }],
    ['CutMix', { mixup: 0, cutmix: 1 }],
    ['either', { mixup: 1, cutmix: 1 }],
  ])('%s mixes labels in the proportion of the pixels', (_, mixing) => {
    let changed = 0;
    for (let step = 0; step < 20; step++) {
      // Image i is i everywhere, so its mean tells what it is mixed of.
      const pixels = Float32Array.from({ length: 4 * 36 }, (_value, at) => Math.floor(at / 36));
      const truth = Float32Array.from({ length: 16 }, (_value, at) => Number(at % 5 === 0));
      mixBatch(pixels, truth, shape, mixing, new Random(1, 'mixing', 0, step));
      for (let index = 0; index < 4; index++) {
        const own = truth.subarray(index * 4, index * 4 + 4);
        const mean = pixels.subarray(index * 36, index * 36 + 36).reduce((sum, value) => sum + value, 0) / 36;
        expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        expect(own.reduce((sum, value, c) => sum + value * c, 0)).toBeCloseTo(mean, 4);
        if (own[index]! < 0.99) changed++;
      }
    }
    expect(changed).toBeGreaterThan(20);
  });
});

describe('augmentImages()', () => {
  const { height, width, channels } = SHAPE;
  const dataset = {
    images: Uint8Array.from([...image(), ...image().reverse()], (value) => 255 * value),
    labels: Int32Array.of(0, 1),
    height,
    width,
    channels,
    classNames: ['a', 'b'],
  };

  test('changes each image as training does in that epoch, and leaves the others', () => {
    const before = dataset.images.slice();
    const { images, ...rest } = augmentImages(dataset, { augmentation: { zoom: 0.2, shift: 0.1 }, seed: 4, epoch: 1 });
    const scaled = batchPixels(dataset, [1], { augmentation: { zoom: 0.2, shift: 0.1 }, seed: 4, epoch: 1 });
    const bytes = Array.from(scaled, (value) => Math.round((value + 1) * 127.5));
    expect(Array.from(images.subarray(SIZE))).toEqual(bytes);
    expect(images).toBeInstanceOf(Uint8Array);
    expect(rest.labels).toBe(dataset.labels);
    expect(dataset.images).toEqual(before);
  });

  test('differs between epochs, and zooms and shifts by a tenth unless told otherwise', () => {
    const [first, second] = [0, 1].map((epoch) => augmentImages(dataset, { epoch }).images);
    expect(first).not.toEqual(second);
    expect(first).toEqual(augmentImages(dataset, { augmentation: { zoom: 0.1, shift: 0.1 }, seed: 0 }).images);
  });

  test('refuses images with masks', () => {
    const masks = { values: new Uint8Array(2 * height * width), height, width };
    expect(() => augmentImages({ ...dataset, masks })).toThrow(/^Cannot augment images: the images must have no masks/);
  });
});
