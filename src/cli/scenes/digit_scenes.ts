/**
 * A dense task in which size matters: one handwritten digit, drawn at a quarter to all of the image's height anywhere in it, amid
 * cut pieces of other digits of about the same size. Every position of a map half as fine is to be named by the digit that it
 * is on; the pieces belong to the ground.
 */
import type { Dataset } from '../../training/dataset.js';
import { Random } from '../../training/random.js';

/** Height and width of the images. */
export const SCENE_SIZE = 48;
/** Height and width of the map; its position (i, j) lies at pixel (2i, 2j). */
export const MAP_SIZE = SCENE_SIZE / 2;
/** The name of positions that are not on the digit, after those of the ten digits. */
export const GROUND = 10;
/** Factors on the digits, which are 20 pixels high as they come: 8 to 32 pixels. */
export const SCALES = [0.4, 1.6] as const;
/** Lightness from which a pixel counts as ink. */
const INK = 0.3;

const PIECES = 5;
/** Height and width of a piece before it is scaled. */
const PIECE_SIZE = [6, 11] as const;
/** Factors on a piece, relative to the digit's. */
const PIECE_SCALES = [0.8, 1.25] as const;
/** Times that a place for a piece is looked for; there may be none beside a large digit. */
const TRIES = 20;

/** An image with one digit. */
export interface DigitScene {
  /** From 0 to 1, [SCENE_SIZE, SCENE_SIZE]: all that is there. */
  readonly image: Float32Array;
  /** The same of the digit alone. */
  readonly object: Float32Array;
  readonly label: number;
  /** Factor on the digit as it came. */
  readonly scale: number;
  /** Middle of the digit, in pixels. */
  readonly y: number;
  readonly x: number;
}

/** Size and place of a digit, and where the random numbers of its clutter come from. */
export interface SceneOptions {
  readonly random: Random;
  /** @default log-uniform in SCALES */
  readonly scale?: number;
  /** Middle of the digit [y, x] in pixels. @default anywhere in the image */
  readonly at?: readonly [number, number];
}

/** A cut piece of a digit, amid which others lie. */
export interface Piece {
  readonly part: Part;
  /** Factor on the piece as it came, relative to that on the digit. */
  readonly scale: number;
  /** Middle of the piece, in pixels. */
  readonly y: number;
  readonly x: number;
}

/** Size and place of a digit, and the pieces beside it. */
export interface ComposeOptions {
  readonly scale: number;
  /** Middle of the digit [y, x] in pixels. */
  readonly at: readonly [number, number];
  /** Pieces to draw, those left out that would touch the digit. */
  readonly pieces: readonly Piece[];
}

/** A part of an image of the data set: rows from top to bottom − 1, columns from left to right − 1. */
export interface Part {
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Draws the digit of this index. */
export function drawScene(digits: Dataset, index: number, { random, scale, at }: SceneOptions): DigitScene {
  const factor = scale ?? Math.exp(random.between(Math.log(SCALES[0]), Math.log(SCALES[1])));
  const digit = inked(imageOf(digits, index));
  const [halfHeight, halfWidth] = halfSize(digit, factor);
  const anywhere = (half: number): number => random.between(half - 0.5, SCENE_SIZE - 0.5 - half);
  const [y, x] = at ?? [anywhere(halfHeight), anywhere(halfWidth)];
  const pieces: Piece[] = [];
  for (let count = 0; count < PIECES; count++) {
    const part = cutPiece(digits, random);
    const pieceScale = random.between(...PIECE_SCALES);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const [row, column] = [random.between(0, SCENE_SIZE - 1), random.between(0, SCENE_SIZE - 1)];
      const piece = { part, scale: pieceScale, y: row, x: column };
      if (!isApart(piece, digit, factor, y, x)) continue;
      pieces.push(piece);
      break;
    }
  }
  return composeScene(digits, index, { scale: factor, at: [y, x], pieces });
}

/** Draws the digit of this index amid given pieces. */
export function composeScene(digits: Dataset, index: number, { scale, at, pieces }: ComposeOptions): DigitScene {
  const digit = inked(imageOf(digits, index));
  const [y, x] = at;
  const object = new Float32Array(SCENE_SIZE ** 2);
  stamp(object, digit, scale, y, x);
  const image = object.slice();
  for (const piece of pieces) {
    if (isApart(piece, digit, scale, y, x)) stamp(image, piece.part, scale * piece.scale, piece.y, piece.x);
  }
  return { image, object, label: digits.labels[index]!, scale, y, x };
}

/** Cuts pieces for a scene in which the digit is yet to move: anywhere in the image, other ones for each seed. */
export function scatterPieces(digits: Dataset, seed: number): Piece[] {
  const random = new Random(seed, 'split');
  return Array.from({ length: PIECES }, () => ({
    part: cutPiece(digits, random),
    scale: random.between(...PIECE_SCALES),
    y: random.between(0, SCENE_SIZE - 1),
    x: random.between(0, SCENE_SIZE - 1),
  }));
}

/** Half of the height and width of the digit of this index as it came, in pixels. */
export function halfSizeOf(digits: Dataset, index: number): readonly [number, number] {
  return halfSize(inked(imageOf(digits, index)), 1);
}

/** Tells whether a piece lies beside a digit of this size at (y, x), with a pixel between them. */
function isApart(piece: Piece, digit: Part, scale: number, y: number, x: number): boolean {
  const [halfHeight, halfWidth] = halfSize(digit, scale);
  const [pieceHeight, pieceWidth] = halfSize(piece.part, scale * piece.scale);
  return Math.abs(piece.y - y) > halfHeight + pieceHeight + 1 || Math.abs(piece.x - x) > halfWidth + pieceWidth + 1;
}

/** One scene of each digit; other ones for each seed. */
export function drawScenes(digits: Dataset, seed: number): DigitScene[] {
  return Array.from(digits.labels, (_, index) =>
    drawScene(digits, index, { random: new Random(seed, 'split', index) }),
  );
}

/** The name of every position of the map, row by row. */
export function namesOf({ object, label }: DigitScene): Uint8Array {
  return Uint8Array.from({ length: MAP_SIZE ** 2 }, (_, position) => {
    const first = 2 * Math.floor(position / MAP_SIZE) * SCENE_SIZE + 2 * (position % MAP_SIZE);
    const cell = [first, first + 1, first + SCENE_SIZE, first + SCENE_SIZE + 1];
    return cell.some((pixel) => object[pixel]! > INK) ? label : GROUND;
  });
}

/** The image in whole numbers from 0 to 255, as files have it. */
export function sceneBytes({ image }: DigitScene): Float32Array {
  return image.map((value) => Math.round(255 * value));
}

/** Tells whether the pixel nearest to a place is ink of the digit. */
export function isInk({ object }: DigitScene, { y, x }: { readonly y: number; readonly x: number }): boolean {
  const [row, column] = [Math.round(y), Math.round(x)];
  const isInside = Math.min(row, column) >= 0 && Math.max(row, column) < SCENE_SIZE;
  return isInside && object[row * SCENE_SIZE + column]! > INK;
}

/** The position on the digit that is nearest to its middle, [row, column]. */
export function middlePosition(scene: DigitScene): readonly [number, number] {
  const names = namesOf(scene);
  const distance = (position: number): number =>
    Math.hypot(2 * Math.floor(position / MAP_SIZE) - scene.y, 2 * (position % MAP_SIZE) - scene.x);
  const onDigit = [...names.keys()].filter((position) => names[position] !== GROUND);
  const nearest = onDigit.reduce((best, position) => (distance(position) < distance(best) ? position : best));
  return [Math.floor(nearest / MAP_SIZE), nearest % MAP_SIZE];
}

function imageOf({ images, width, height }: Dataset, index: number): Part {
  const values = images.subarray(index * width * height, (index + 1) * width * height);
  return { values, width, top: 0, left: 0, bottom: height, right: width };
}

/** The smallest part that holds all ink. */
function inked(image: Part): Part {
  let [top, left, bottom, right] = [image.bottom, image.right, 0, 0];
  for (let y = 0; y < image.bottom; y++) {
    for (let x = 0; x < image.width; x++) {
      if (image.values[y * image.width + x] === 0) continue;
      top = Math.min(top, y);
      left = Math.min(left, x);
      bottom = Math.max(bottom, y + 1);
      right = Math.max(right, x + 1);
    }
  }
  return { ...image, top, bottom, left, right };
}

/** A rectangle cut from any digit. */
function cutPiece(digits: Dataset, random: Random): Part {
  const digit = inked(imageOf(digits, random.below(digits.labels.length)));
  const along = (from: number, to: number): readonly [number, number] => {
    const size = Math.min(PIECE_SIZE[0] + random.below(PIECE_SIZE[1] - PIECE_SIZE[0] + 1), to - from);
    const start = from + random.below(to - from - size + 1);
    return [start, start + size];
  };
  const [top, bottom] = along(digit.top, digit.bottom);
  const [left, right] = along(digit.left, digit.right);
  return { ...digit, top, bottom, left, right };
}

function halfSize({ top, left, bottom, right }: Part, scale: number): readonly [number, number] {
  return [((bottom - top) * scale) / 2, ((right - left) * scale) / 2];
}

/** Draws a part around (y, x), bilinearly, where it is lighter than what is there; each pixel is the mean of several reads. */
function stamp(image: Float32Array, part: Part, scale: number, y: number, x: number): void {
  const [halfHeight, halfWidth] = halfSize(part, scale);
  const [middleRow, middleColumn] = [(part.top + part.bottom - 1) / 2, (part.left + part.right - 1) / 2];
  // As many reads as source pixels that fall on one pixel, so that small digits keep thin strokes.
  const reads = Math.ceil(1 / scale);
  const shift = (read: number): number => (read + 0.5) / reads - 0.5;
  const first = (middle: number, half: number): number => Math.max(Math.floor(middle - half), 0);
  const last = (middle: number, half: number): number => Math.min(Math.ceil(middle + half), SCENE_SIZE - 1);
  for (let row = first(y, halfHeight); row <= last(y, halfHeight); row++) {
    for (let column = first(x, halfWidth); column <= last(x, halfWidth); column++) {
      let sum = 0;
      for (let a = 0; a < reads; a++) {
        const sourceRow = middleRow + (row + shift(a) - y) / scale;
        for (let b = 0; b < reads; b++) {
          sum += readAt(part, sourceRow, middleColumn + (column + shift(b) - x) / scale);
        }
      }
      const pixel = row * SCENE_SIZE + column;
      image[pixel] = Math.max(image[pixel]!, sum / (255 * reads ** 2));
    }
  }
}

/** Bilinear within the part, 0 beside it. */
function readAt({ values, width, top, left, bottom, right }: Part, y: number, x: number): number {
  if (y < top - 0.5 || y > bottom - 0.5 || x < left - 0.5 || x > right - 0.5) return 0;
  const [row, column] = [Math.floor(y), Math.floor(x)];
  const [down, across] = [y - row, x - column];
  const [hasLeft, hasRight] = [column >= left, column + 1 < right];
  const first = row * width + column;
  let sum = 0;
  if (row >= top) {
    if (hasLeft) sum += values[first]! * (1 - down) * (1 - across);
    if (hasRight) sum += values[first + 1]! * (1 - down) * across;
  }
  if (row + 1 < bottom) {
    if (hasLeft) sum += values[first + width]! * down * (1 - across);
    if (hasRight) sum += values[first + width + 1]! * down * across;
  }
  return sum;
}
