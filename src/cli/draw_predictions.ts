/** `predictions.png`: test images, their masks, and the masks that a segmentation gives, in three rows. */
import * as tf from '@tensorflow/tfjs';
import { encodePng } from '../plots/png.js';
import { batchPixels } from '../training/batch_pixels.js';
import { isBytes } from '../training/dataset.js';
import { indicesOf, readImages, type Images } from '../training/image_source.js';
import { IGNORED } from '../training/masks.js';
import { colourOf, NO_CLASS } from './mask_colours.js';

const IMAGES = 8;
const GAP = 4;
/** Least height and width of an image in the picture. */
const SIDE = 96;

/** Draws the images at the given indices, or the first ones. */
export async function drawPredictions(
  model: tf.LayersModel,
  held: Images,
  indices: readonly number[] = [...held.labels.keys()].slice(0, IMAGES),
): Promise<Uint8Array> {
  const test = await readImages(held, indices);
  const { images, height, width, channels, masks } = test;
  const predicted = await predictMasks(model, batchPixels(test, indicesOf(test)), [height, width, channels]);
  const scale = Math.max(1, Math.ceil(SIDE / height));
  const [cellHeight, cellWidth] = [scale * height + GAP, scale * width + GAP];
  const sheet = { height: 3 * cellHeight + GAP, width: indices.length * cellWidth + GAP };
  const values = new Uint8Array(sheet.height * sheet.width * 3).fill(255);
  const classAt =
    (classes: Uint8Array, side: { readonly height: number; readonly width: number }) =>
    (index: number, y: number, x: number): readonly number[] => {
      const row = Math.floor((y * side.height) / height);
      const column = Math.floor((x * side.width) / width);
      const value = classes[(index * side.height + row) * side.width + column]!;
      return value === IGNORED ? NO_CLASS : colourOf(value);
    };
  const imageAt = (index: number, y: number, x: number): readonly number[] => {
    const first = ((index * height + y) * width + x) * channels;
    return [0, 1, 2].map((c) => images[first + Math.min(c, channels - 1)]! * (isBytes(images) ? 1 : 255));
  };
  const rows = [imageAt, classAt(masks!.values, masks!), classAt(predicted.values, predicted)];
  rows.forEach((colourAt, row) => {
    indices.forEach((_, index) => {
      for (let y = 0; y < scale * height; y++) {
        for (let x = 0; x < scale * width; x++) {
          const at = (GAP + row * cellHeight + y) * sheet.width + GAP + index * cellWidth + x;
          values.set(colourAt(index, Math.floor(y / scale), Math.floor(x / scale)), 3 * at);
        }
      }
    });
  });
  return encodePng({ values, ...sheet, channels: 3 });
}

/** Most probable class of each position. */
export interface PredictedMasks {
  /** [count, height, width] */
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Runs a segmentation on prepared images [count, height, width, channels]. */
export async function predictMasks(
  model: tf.LayersModel,
  pixels: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Promise<PredictedMasks> {
  const classes = tf.tidy(() => {
    const x = tf.tensor4d(pixels, [pixels.length / (height * width * channels), height, width, channels]);
    return tf.argMax(model.apply(x, { training: false }) as tf.Tensor, -1);
  });
  const [, rows, columns] = classes.shape as [number, number, number];
  const values = Uint8Array.from(await classes.data());
  classes.dispose();
  return { values, height: rows, width: columns };
}
