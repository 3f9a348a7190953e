/** Zoom and shift against naive bilinear sampling. */
import { augmentImage, checkAugmentation } from '../../src/training/augmentation.js';
import { Random } from '../../src/training/random.js';

const SHAPE = { height: 5, width: 7, channels: 2 } as const;
const SIZE = SHAPE.height * SHAPE.width * SHAPE.channels;

function image(): Float32Array {
  const random = new Random(9, 'split');
  return Float32Array.from({ length: SIZE }, () => random.uniform());
}

function augment(pixels: Float32Array, augmentation: { zoom: number; shift: number }, index = 0): Float32Array {
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
