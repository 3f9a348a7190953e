/**
 * Labelled images in memory, channels last. Images are bytes (0 to 255), which a network sees as numbers of [−1, 1], as
 * the networks of keras.applications expect them; or floats, which it sees as they are.
 */

/** Pixels as bytes from 0 to 255, or as floats; a canvas gives clamped bytes. */
export type Pixels = Uint8Array | Uint8ClampedArray | Float32Array;

/** Labelled images of one size. */
export interface Dataset {
  /** Pixels [count, height, width, channels], all of them finite. */
  readonly images: Pixels;
  /** Class of each image, an index into `classNames`. */
  readonly labels: Int32Array;
  /** Height of an image in pixels. */
  readonly height: number;
  /** Width of an image in pixels. */
  readonly width: number;
  /** Channels of an image: 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Name of each class. */
  readonly classNames: readonly string[];
}

/** Images to train on, and others that training never sees. */
export interface SplitDataset {
  /** What the data is called, such as the name of its folder. */
  readonly name: string;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Elements of one image. */
export function imageSize(dataset: Dataset): number {
  return dataset.height * dataset.width * dataset.channels;
}

/** Whether pixels are bytes, which are scaled before a network sees them. */
export function isBytes(images: Pixels): images is Uint8Array | Uint8ClampedArray {
  return images.BYTES_PER_ELEMENT === 1;
}

/** An array of zeros for pixels of the same kind. */
export function emptyPixels(like: Pixels, length: number): Pixels {
  if (like instanceof Uint8ClampedArray) return new Uint8ClampedArray(length);
  return isBytes(like) ? new Uint8Array(length) : new Float32Array(length);
}

/** The images at the given places, in their order. */
export function selectImages(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const size = imageSize(dataset);
  const count = indices.length;
  const images = emptyPixels(dataset.images, count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const index = indices[i]!;
    images.set(dataset.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = dataset.labels[index]!;
  }
  return { ...dataset, images, labels };
}
