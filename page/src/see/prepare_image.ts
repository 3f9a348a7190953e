/**
 * Converts any picture to the input of a network, in the worker. The networks for digits were trained on white ink on black, cropped
 * and scaled to 20/28 of the image, with the centre of mass in the middle, as the authors of MNIST prepared their scans.
 */
import type { Preprocessing } from 'tfjs-convolutions/training';
import { fitImage } from '../shared/fit_image.js';
import type { Axes, Pixels, Preparation } from './messages.js';

export interface PreparedImage {
  readonly pixels: Pixels;
  readonly steps: readonly string[];
}

const MOST_BYTES = 30e6;
/** Longest side of a picture in pixels, about what browsers can draw. */
const LONGEST_SIDE = 16_384;
const MOST_PIXELS = 50e6;
/** Longest side after downscaling: enough for every network that runs in a page. */
const WORK_SIDE = 512;
/** Fraction of an image's side that a digit fills. */
const CONTENT = 20 / 28;
/** Ink fainter than this fraction of the strongest is noise in the background. */
const FAINT = 0.2;
/** Smallest difference from the background that can be part of a drawing. */
const VISIBLE = 0.08;

/**
 * Decodes a picture.
 *
 * @throws Error with a message for the user
 */
export async function decode(source: Blob): Promise<ImageBitmap> {
  if (source.size > MOST_BYTES) {
    throw new Error(
      `This file has ${Math.round(source.size / 1e6)} MB; pictures may have up to ${MOST_BYTES / 1e6} MB.`,
    );
  }
  const bitmap = await createImageBitmap(source).catch((error: unknown) => {
    throw new Error('This picture cannot be decoded: it is damaged, or in a format that this browser cannot read.', {
      cause: error,
    });
  });
  const { width, height } = bitmap;
  if (Math.max(width, height) <= LONGEST_SIDE && width * height <= MOST_PIXELS) return bitmap;
  bitmap.close();
  throw new Error(
    `This picture has ${width} × ${height} pixels; pictures may have up to ${MOST_PIXELS / 1e6} million, ${LONGEST_SIDE} on a side.`,
  );
}

/** Words for the ways to fit a picture. */
const FITTED = { crop: 'its middle', stretch: 'stretched and', contain: 'the whole of it' } as const;

/** @param preprocessing preprocessing that the network expects */
export function prepare(bitmap: ImageBitmap, preprocessing: Preprocessing, preparation: Preparation): PreparedImage {
  const { height, width, channels, fit } = preprocessing;
  const size: Axes = [height, width];
  if (channels === 3) {
    const steps = [`${FITTED[fit]} scaled to ${width} × ${height} pixels`];
    return { pixels: toPixels(fitImage(bitmap, preprocessing), channels), steps };
  }
  const isExact = bitmap.height === size[0] && bitmap.width === size[1];
  const work = contain(bitmap, isExact ? 1 : Math.min(1, WORK_SIDE / Math.max(bitmap.width, bitmap.height)));
  const { ink, isInverted, isBlank } = findInk(work, preparation.ink, isExact);
  const steps = [isInverted ? 'brightness inverted' : 'brightness kept'];
  if (isBlank) steps.push('nothing stands out from the ground');
  if (isExact) return { pixels: toPixels(ink, 1), steps: [...steps, 'taken pixel by pixel'] };
  const isCropped = preparation.crop && !isBlank;
  steps.push(isCropped ? 'cut out and centred' : 'fitted as a whole', `scaled to ${size[1]} × ${size[0]} pixels`);
  return { pixels: toPixels(isCropped ? centreContent(ink, size) : fitWhole(ink, size), 1), steps };
}

function canvasOf([height, width]: Axes): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  return context;
}

/** Scales the whole picture down; transparent areas become white. */
function contain(bitmap: ImageBitmap, scale: number): ImageData {
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const context = canvasOf([height, width]);
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

interface Ink {
  /** Drawing in white on black. */
  readonly ink: ImageData;
  readonly isInverted: boolean;
  readonly isBlank: boolean;
}

/** Difference from the background, from black (none) to white (most). An exact image is only inverted. */
function findInk(image: ImageData, choice: Preparation['ink'], isExact: boolean): Ink {
  const { width, height, data } = image;
  const grey = Float32Array.from({ length: width * height }, (_, pixel) => {
    const at = 4 * pixel;
    return (0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!) / 255;
  });
  const ground = groundOf(grey, width, height);
  const isInverted = choice === 'auto' ? ground > 0.5 : choice === 'dark';
  const strength = grey.map((value) => {
    if (isExact) return isInverted ? 1 - value : value;
    return Math.max(0, isInverted ? ground - value : value - ground);
  });
  const most = strength.reduce((a, b) => Math.max(a, b), 0);
  const isBlank = most < VISIBLE;
  const toByte = (value: number): number => {
    if (isExact) return 255 * value;
    return isBlank ? 0 : (255 * Math.max(0, value / most - FAINT)) / (1 - FAINT);
  };
  const ink = new ImageData(width, height);
  strength.forEach((value, pixel) => {
    ink.data.fill(toByte(value), 4 * pixel, 4 * pixel + 3);
    ink.data[4 * pixel + 3] = 255;
  });
  return { ink, isInverted, isBlank };
}

/** Median of the border. */
function groundOf(grey: Float32Array, width: number, height: number): number {
  const border = grey.filter((_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    return row === 0 || row === height - 1 || column === 0 || column === width - 1;
  });
  return border.sort()[border.length >> 1]!;
}

/** Scales the drawing to its fraction of the image, with its centre of mass in the middle. */
function centreContent(ink: ImageData, size: Axes): ImageData {
  const { top, left, bottom, right, y, x } = contentOf(ink);
  const [height, width] = size;
  const scale = (CONTENT * Math.min(height, width)) / Math.max(bottom - top, right - left);
  const [h, w] = [(bottom - top) * scale, (right - left) * scale];
  // The centre of mass moves to the middle, as far as the drawing stays inside.
  const shift = (middle: number, centre: number, length: number, whole: number): number =>
    Math.min(Math.max(middle - centre * scale, 0), whole - length);
  const target = { y: shift(height / 2, y - top, h, height), x: shift(width / 2, x - left, w, width) };
  return draw(ink, { top, left, height: bottom - top, width: right - left }, { ...target, h, w }, size);
}

function fitWhole(ink: ImageData, size: Axes): ImageData {
  const [height, width] = size;
  const scale = Math.min(height / ink.height, width / ink.width);
  const [h, w] = [ink.height * scale, ink.width * scale];
  const target = { y: (height - h) / 2, x: (width - w) / 2, h, w };
  return draw(ink, { top: 0, left: 0, height: ink.height, width: ink.width }, target, size);
}

interface Content {
  readonly top: number;
  readonly left: number;
  /** First row and column after it. */
  readonly bottom: number;
  readonly right: number;
  /** Centre of mass. */
  readonly y: number;
  readonly x: number;
}

function contentOf({ data, width, height }: ImageData): Content {
  let [top, left, bottom, right] = [height, width, 0, 0];
  let [mass, y, x] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[4 * (row * width + column)]!;
      mass += value;
      y += value * (row + 0.5);
      x += value * (column + 0.5);
      if (value <= 255 * FAINT) continue;
      top = Math.min(top, row);
      left = Math.min(left, column);
      bottom = Math.max(bottom, row + 1);
      right = Math.max(right, column + 1);
    }
  }
  return { top, left, bottom, right, y: y / mass, x: x / mass };
}

interface Source {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

interface Target {
  readonly y: number;
  readonly x: number;
  readonly h: number;
  readonly w: number;
}

/** Scales a part of an image into an image of another size, on black. */
function draw(image: ImageData, from: Source, to: Target, size: Axes): ImageData {
  const source = canvasOf([image.height, image.width]);
  source.putImageData(image, 0, 0);
  const [height, width] = size;
  const context = canvasOf(size);
  context.fillStyle = 'black';
  context.fillRect(0, 0, width, height);
  context.drawImage(source.canvas, from.left, from.top, from.width, from.height, to.x, to.y, to.w, to.h);
  return context.getImageData(0, 0, width, height);
}

function toPixels({ width, height, data }: ImageData, channels: 1 | 3): Pixels {
  const values = new Uint8ClampedArray(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < channels; c++) values[pixel * channels + c] = data[4 * pixel + c]!;
  }
  return { height, width, channels, values };
}
