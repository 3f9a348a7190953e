/** Values of the input: a photograph, a drawing or random numbers. */
import { COFFEE } from '../photo/coffee.js';
import { randomIntegers } from './random.js';
import type { Settings } from './settings.js';

/** Black is −9, mid-grey 0 and white 9, as networks take images centred at 0; whole numbers, so that sums can be checked. */
const BRIGHTEST = 9;

/** Value of a cell with ink; the others are 0. */
export const INK = 9;

/** Values of an input of `settings`' size, row by row, channels last. */
export function inputOf(settings: Settings, seed: number): number[] {
  const { height, width, channels, image } = settings;
  if (image === 'ones') return new Array<number>(height * width * channels).fill(1);
  if (image === 'random') return randomIntegers(seed, 0, height * width * channels, 0, 5);
  const at = image === 'photo' ? photoAt(settings) : drawingAt(settings);
  const values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) values.push(at(y, x, channel));
    }
  }
  return values;
}

type Sampler = (y: number, x: number, channel: number) => number;

const COLOURS = 3;
/** Brightness from red, green and blue (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Means of the photograph over each cell: its brightness if there is one channel, otherwise red, green, blue, red and so on. */
function photoAt({ height, width, channels }: Settings): Sampler {
  const bytes = Uint8Array.from(atob(COFFEE.pixels), (letter) => letter.charCodeAt(0));
  const byteAt = (row: number, column: number, colour: number): number =>
    bytes[(row * COFFEE.side + column) * COLOURS + colour]!;
  const pixelAt = (row: number, column: number, channel: number): number =>
    channels === 1
      ? LUMA.reduce((sum, part, colour) => sum + part * byteAt(row, column, colour), 0)
      : byteAt(row, column, channel % COLOURS);
  return (y, x, channel) => {
    let [sum, area] = [0, 0];
    for (const [row, down] of overlaps(y, height)) {
      for (const [column, right] of overlaps(x, width)) {
        sum += down * right * pixelAt(row, column, channel);
        area += down * right;
      }
    }
    // Never −0, which would be written with its sign.
    return Math.round((sum / area / 127.5 - 1) * BRIGHTEST) + 0;
  };
}

/** Pixels that a cell covers along one axis, and how much of each. */
function overlaps(cell: number, cells: number): (readonly [pixel: number, part: number])[] {
  const [from, to] = [(cell * COFFEE.side) / cells, ((cell + 1) * COFFEE.side) / cells];
  const first = Math.floor(from);
  return Array.from({ length: Math.ceil(to) - first }, (_, index) => {
    const pixel = first + index;
    return [pixel, Math.min(to, pixel + 1) - Math.max(from, pixel)] as const;
  });
}

const drawingAt = (settings: Settings): Sampler => {
  const ink = inkOf(settings);
  return (y, x) => (ink[y * settings.width + x] === 1 ? INK : 0);
};

/** Cells with ink (1) and without, row by row: those of the drawing, or a ring to start with. */
export function inkOf({ height, width, ink }: Settings): readonly number[] {
  if (ink.length === height * width) return ink;
  return Array.from({ length: height * width }, (_, index) => {
    const down = (Math.floor(index / width) + 0.5) / height - 0.5;
    const right = ((index % width) + 0.5) / width - 0.5;
    const radius = Math.hypot(down, right);
    return radius > 0.25 && radius < 0.4 ? 1 : 0;
  });
}
