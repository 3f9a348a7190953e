/** A picture of augmented training images, as the network will see them. */
import { promises as fs } from 'node:fs';
import { encodePng } from '../plots/png.js';
import type { Augmentation } from '../training/augmentation.js';
import { batchPixels } from '../training/batch_pixels.js';
import { imageSize } from '../training/dataset.js';
import { indicesOf, readImages, type Images } from '../training/image_source.js';
import { oneHot } from '../training/one_hot.js';
import { mixBatch } from '../training/mix_batch.js';
import { permutation, Random } from '../training/random.js';
import { fileError } from '../support/file_error.js';

const [ROWS, COLUMNS] = [4, 8];
const GAP = 2;

/** Options of the run. */
interface PreviewOptions {
  readonly augmentation: Augmentation | false;
  readonly seed: number;
}

/** Writes a PNG file of the first images of a run, in rows of eight. */
export async function writePreview(file: string, train: Images, options: PreviewOptions): Promise<void> {
  const png = await drawPreview(train, options);
  try {
    await fs.writeFile(file, png);
  } catch (error) {
    throw fileError('write the preview', file, error);
  }
}

/** Draws the first images of a run, in rows of eight, as the bytes of a PNG file. */
export async function drawPreview(train: Images, { augmentation, seed }: PreviewOptions): Promise<Uint8Array> {
  const { height, width, channels, labels, classNames } = train;
  if (channels !== 1 && channels !== 3) {
    throw new Error(`Cannot draw the preview: images must have 1 or 3 channels, received channels = ${channels}`);
  }
  const order = permutation(labels.length, new Random(seed, 'shuffle', 0)).subarray(0, ROWS * COLUMNS);
  const { images, labels: own } = await readImages(train, order);
  // Without its preprocessing, pixels are scaled to [−1, 1].
  const batch = { images, labels: own, height, width, channels, classNames };
  const augmented = augmentation ? { augmentation, seed, epoch: 0, numbers: order } : undefined;
  const pixels = batchPixels(batch, indicesOf(batch), augmented);
  const { mixup = 0, cutmix = 0 } = augmentation || {};
  if (mixup > 0 || cutmix > 0) {
    const truth = oneHot(own, classNames.length);
    mixBatch(pixels, truth, batch, { mixup, cutmix }, new Random(seed, 'mixing', 0, 0));
  }
  const rows = Math.ceil(order.length / COLUMNS);
  const sheet = { height: rows * (height + GAP) + GAP, width: COLUMNS * (width + GAP) + GAP };
  const values = new Float32Array(sheet.height * sheet.width * channels).fill(255);
  order.forEach((_, position) => {
    const image = pixels.subarray(position * imageSize(batch), (position + 1) * imageSize(batch));
    const top = GAP + Math.floor(position / COLUMNS) * (height + GAP);
    const left = GAP + (position % COLUMNS) * (width + GAP);
    for (let y = 0; y < height; y++) {
      const row = image.subarray(y * width * channels, (y + 1) * width * channels);
      values.set(
        row.map((value) => (value + 1) * 127.5),
        ((top + y) * sheet.width + left) * channels,
      );
    }
  });
  return encodePng({ values, ...sheet, channels });
}
