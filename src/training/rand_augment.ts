/**
 * RandAugment: some of 14 operations on each image, all of one magnitude. E. D. Cubuk et al., "RandAugment", arXiv 1909.13719;
 * operations and magnitudes as in torchvision's `RandAugment`. Unlike there, images are read with bilinear interpolation, shifts
 * are not rounded to pixels, and areas outside are filled with the nearest border pixel, as in the other changes of images.
 */
import { checkInteger } from '../errors.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import type { ImageShape } from './affine_image.js';
import type { Random } from './random.js';
import * as recolor from './recolor_operations.js';
import type { PixelRange } from './recolor_image.js';
import { warpImage, warpMask, type Warp } from './warp_image.js';

/** Number and magnitude of the operations on each image. */
export interface RandAugment {
  /** Number of operations, drawn for each image, one after the other, from 1 to 14. @default 2 */
  readonly operations?: number;
  /** Magnitude, an integer from 0 to 30. @default 9 */
  readonly magnitude?: number;
}

const OPTIONS: OptionNames<RandAugment> = { operations: true, magnitude: true };
const MOST_OPERATIONS = 14;
const MOST_MAGNITUDE = 30;

/** Movements by an amount, whose largest value is that of the magnitude 30. */
const MOVEMENTS = {
  shearX: { most: 0.3, warp: (m) => ({ down: [1, 0, 0], along: [m, 1, m / 2] }) },
  shearY: { most: 0.3, warp: (m) => ({ down: [1, m, m / 2], along: [0, 1, 0] }) },
  translateX: { most: 150 / 331, warp: (m, { width }) => ({ down: [1, 0, 0], along: [0, 1, -m * width] }) },
  translateY: { most: 150 / 331, warp: (m, { height }) => ({ down: [1, 0, -m * height], along: [0, 1, 0] }) },
  rotate: { most: Math.PI / 6, warp: rotation },
} as const satisfies Record<string, { most: number; warp: (amount: number, size: Size) => Warp }>;

type RecoloringName =
  | 'identity'
  | 'brightness'
  | 'color'
  | 'contrast'
  | 'sharpness'
  | 'posterize'
  | 'solarize'
  | 'autoContrast'
  | 'equalize';

/** Changes of values by an amount, or by a magnitude from 0 to 1. */
const RECOLORINGS: Readonly<Record<RecoloringName, (pixels: Float32Array, shape: ImageShape, amount: number) => void>> =
  {
    identity: () => undefined,
    brightness: (pixels, _, amount) => {
      recolor.brightness(pixels, 1 + amount);
    },
    color: (pixels, { channels }, amount) => {
      recolor.saturation(pixels, channels, 1 + amount);
    },
    contrast: (pixels, { channels }, amount) => {
      recolor.contrast(pixels, channels, 1 + amount);
    },
    sharpness: (pixels, shape, amount) => {
      recolor.sharpness(pixels, shape, 1 + amount);
    },
    posterize: (pixels, _, magnitude) => {
      recolor.posterize(pixels, 8 - roundedToEven(4 * magnitude));
    },
    solarize: (pixels, _, magnitude) => {
      recolor.solarize(pixels, 255 * (1 - magnitude));
    },
    autoContrast: (pixels, { channels }) => {
      recolor.autocontrast(pixels, channels);
    },
    equalize: (pixels, { channels }) => {
      recolor.equalize(pixels, channels);
    },
  };

/** Recolourings that add or take away, up to this amount. */
const SIGNED: Partial<Record<OperationName, number>> = { brightness: 0.9, color: 0.9, contrast: 0.9, sharpness: 0.9 };

type Size = Pick<ImageShape, 'height' | 'width'>;
type MovementName = keyof typeof MOVEMENTS;
type OperationName = MovementName | RecoloringName;

/** Names of the operations, in torchvision's order. */
export const OPERATIONS = [
  'identity', 'shearX', 'shearY', 'translateX', 'translateY', 'rotate', 'brightness', 'color', 'contrast', 'sharpness',
  'posterize', 'solarize', 'autoContrast', 'equalize',
] as const satisfies readonly OperationName[]; // prettier-ignore

/** An operation and its amount. */
export interface Operation {
  readonly name: OperationName;
  /** Amount with its sign, or the magnitude from 0 to 1. */
  readonly amount: number;
}

/** Throws unless the options are valid. */
export function checkRandAugment(options: RandAugment): void {
  checkOptions('train', options, OPTIONS, { of: 'augmentation.rand' });
  const { operations = 2, magnitude = 9 } = options;
  checkInteger('train', 'augmentation.rand.operations', operations, 1, MOST_OPERATIONS);
  checkInteger('train', 'augmentation.rand.magnitude', magnitude, 0, MOST_MAGNITUDE);
}

/** Draws the operations of an image, with two random numbers for each. */
export function drawOperations({ operations = 2, magnitude = 9 }: RandAugment, random: Random): Operation[] {
  return Array.from({ length: operations }, (): Operation => {
    const name = OPERATIONS[random.below(OPERATIONS.length)]!;
    return operationOf(name, magnitude, random.uniform() < 0.5);
  });
}

/** An operation with the amount of a magnitude from 0 to 30. */
export function operationOf(name: OperationName, magnitude: number, isNegative: boolean): Operation {
  const part = magnitude / MOST_MAGNITUDE;
  const most = isMovement(name) ? MOVEMENTS[name].most : SIGNED[name];
  return { name, amount: most === undefined ? part : most * part * (isNegative ? -1 : 1) };
}

/** Applies operations to an image, in place. */
export function applyOperations(
  pixels: Float32Array,
  shape: ImageShape,
  { low, high }: PixelRange,
  operations: readonly Operation[],
): void {
  const scale = 255 / (high - low);
  for (let at = 0; at < pixels.length; at++) pixels[at] = Math.min(Math.max((pixels[at]! - low) * scale, 0), 255);
  for (const { name, amount } of operations) {
    if (isMovement(name)) warpImage(pixels.slice(), pixels, shape, MOVEMENTS[name].warp(amount, shape));
    else RECOLORINGS[name](pixels, shape, amount);
  }
  for (let at = 0; at < pixels.length; at++) pixels[at] = pixels[at]! / scale + low;
}

/** Moves a mask [height, width] as the operations move its image, in place. */
export function moveMaskBy(mask: Uint8Array, size: Size, operations: readonly Operation[]): void {
  for (const { name, amount } of operations) {
    if (isMovement(name)) warpMask(mask.slice(), mask, size, MOVEMENTS[name].warp(amount, size));
  }
}

function isMovement(name: OperationName): name is MovementName {
  return Object.hasOwn(MOVEMENTS, name);
}

/** Rotation about the centre, counterclockwise. */
function rotation(angle: number, { height, width }: Size): Warp {
  const [y, x] = [(height - 1) / 2, (width - 1) / 2];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { down: [cos, sin, y - cos * y - sin * x], along: [-sin, cos, x + sin * y - cos * x] };
}

/** Rounds as torch does: halves to the even neighbour. */
function roundedToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
