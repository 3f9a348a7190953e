/** Images in a worker: decodes and downscales them and converts them to the input of a network. */
import type { Dataset, Preprocessing, SplitDataset } from 'tfjs-convolutions/training';
import { splitByClass } from 'tfjs-convolutions/training';
import { fitImage, type Fitting } from '../shared/fit_image.js';
import { leaveOutCopies, type WithoutCopies } from './leave_out_copies.js';
import type { ImageClass } from './protocol.js';

/** Shorter side of a stored image: twice the largest input size that the page offers. */
const KEPT_SIDE = 192;
/** Longest side of a stored image: of a very long one, only the middle is used. */
const LONGEST_SIDE = 2048;
/** Fit of images for a network that is yet to be trained, as on the command line. */
const FIT = { fit: 'crop', background: [255, 255, 255] } as const;

/**
 * Decodes an image file, and downscales it if it is larger than any network here needs.
 *
 * @throws DOMException if it is not a picture
 */
export async function shrinkPicture(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const ratio = Math.min(1, KEPT_SIDE / Math.min(width, height));
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * ratio))) as [number, number];
  const canvas = new OffscreenCanvas(Math.min(w, LONGEST_SIDE), Math.min(h, LONGEST_SIDE));
  // Drawn by the CPU, so that the bytes are the same on every device.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Fits an image to a size and returns its colours, four bytes per pixel. */
export async function decodePicture(picture: Blob, fitting: Fitting): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(picture);
  const { data } = fitImage(bitmap, fitting);
  bitmap.close();
  return data;
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
 * @param known preprocessing of an imported network; without it, images are cropped to size × size, with 1 channel if all are
 * greyscale, otherwise 3
 * @throws Error if a class has fewer than two different images
 */
export async function loadOwnImages(
  classes: readonly ImageClass[],
  size: number,
  seed: number,
  known?: Preprocessing,
): Promise<Omit<WithoutCopies, 'images'> & { readonly split: SplitDataset }> {
  const ordered = [...classes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = ordered.flatMap(({ images }, label) =>
    [...images].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ picture }) => ({ picture, label })),
  );
  const fitting = known ?? { ...FIT, height: size, width: size };
  const { height, width } = fitting;
  const colours = await Promise.all(files.map(({ picture }) => decodePicture(picture, fitting)));
  const channels = known?.channels ?? (colours.every(isGrey) ? 1 : 3);
  const images = new Uint8Array(files.length * height * width * channels);
  colours.forEach((image, index) => {
    images.set(toChannels(image, channels), index * height * width * channels);
  });
  const all: Dataset = {
    images,
    labels: Int32Array.from(files, ({ label }) => label),
    height,
    width,
    channels,
    classNames: ordered.map(({ name }) => name),
    ...(known && { preprocessing: known }),
  };
  const { images: different, copies, contradictions } = leaveOutCopies(all);
  all.classNames.forEach((name, label) => {
    if (different.labels.reduce((sum, other) => sum + (other === label ? 1 : 0), 0) >= 2) return;
    throw new Error(`All images of “${name}” are the same; every class needs two different ones or more.`);
  });
  return { split: { name: 'own images', ...splitByClass(different, seed) }, copies, contradictions };
}

function isGrey(colours: Uint8ClampedArray): boolean {
  for (let index = 0; index < colours.length; index += 4) {
    if (colours[index] !== colours[index + 1] || colours[index] !== colours[index + 2]) return false;
  }
  return true;
}
