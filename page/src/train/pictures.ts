/** Images in a worker: decodes and downscales them and converts them to the input of a network. */
import type { Dataset, SplitDataset } from 'tfjs-convolutions/training';
import { splitByClass } from 'tfjs-convolutions/training';
import type { ImageClass } from './protocol.js';

/** Longest side of a stored image: twice the largest input size that the page offers. */
const KEPT_SIDE = 192;

/**
 * Decodes an image file, and downscales it if it is larger than any network here needs.
 *
 * @throws DOMException if it is not a picture
 */
export async function shrinkPicture(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(Math.min(bitmap.width, KEPT_SIDE), Math.min(bitmap.height, KEPT_SIDE));
  drawInto(canvas, bitmap);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Stretches an image to a size and returns its colours, four bytes per pixel. */
export async function decodePicture(picture: Blob, height: number, width: number): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(picture);
  return drawInto(new OffscreenCanvas(width, height), bitmap).getImageData(0, 0, width, height).data;
}

/** Fills the canvas with the image; transparent areas become black, as on the command line. */
function drawInto(canvas: OffscreenCanvas, bitmap: ImageBitmap): OffscreenCanvasRenderingContext2D {
  const { width, height } = canvas;
  // Drawn by the CPU, so that the bytes are the same on every device.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context;
}

/** Converts colours to bytes for a network with one channel (brightness) or three. */
export function toChannels(colours: Uint8ClampedArray, channels: number): Uint8Array {
  const pixels = new Uint8Array((colours.length / 4) * channels);
  for (let from = 0, to = 0; from < colours.length; from += 4) {
    const [red, green, blue] = [colours[from]!, colours[from + 1]!, colours[from + 2]!];
    // Luma coefficients of ITU-R BT.709, which sRGB uses.
    if (channels === 1) pixels[to++] = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    else for (const value of [red, green, blue]) pixels[to++] = value;
  }
  return pixels;
}

/**
 * Splits the user's own images as the command line splits a folder with the same classes and file names.
 *
 * @param channels undefined for 1 if all images are greyscale, otherwise 3
 */
export async function loadOwnImages(
  classes: readonly ImageClass[],
  size: number,
  seed: number,
  channels?: number,
): Promise<SplitDataset> {
  const ordered = [...classes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = ordered.flatMap(({ images }, label) =>
    [...images].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ picture }) => ({ picture, label })),
  );
  const colours = await Promise.all(files.map(({ picture }) => decodePicture(picture, size, size)));
  const depth = channels ?? (colours.every(isGrey) ? 1 : 3);
  const images = new Uint8Array(files.length * size * size * depth);
  colours.forEach((image, index) => {
    images.set(toChannels(image, depth), index * size * size * depth);
  });
  const all: Dataset = {
    images,
    labels: Int32Array.from(files, ({ label }) => label),
    height: size,
    width: size,
    channels: depth,
    classNames: ordered.map(({ name }) => name),
  };
  return { name: 'own images', ...splitByClass(all, seed) };
}

function isGrey(colours: Uint8ClampedArray): boolean {
  for (let index = 0; index < colours.length; index += 4) {
    if (colours[index] !== colours[index + 1] || colours[index] !== colours[index + 2]) return false;
  }
  return true;
}
