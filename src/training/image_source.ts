/** Labelled images that are read when they are needed, from files or from a cache, so that a data set may be of any size. */
import { selectImages, type Dataset } from './dataset.js';
import { selectMasks } from './masks.js';
import { selectRows } from './multi_hot.js';
import type { Preprocessing } from './preprocessing.js';

/** Labelled images of one size that are read when they are needed. */
export interface ImageSource extends Omit<Dataset, 'images' | 'preprocessing'> {
  readonly preprocessing: Preprocessing;
  /** 16 bytes for each image that identify its pixels: the first of their SHA-256. */
  readonly digests: Uint8Array;
  /**
   * Reads images.
   *
   * @param indices indices of the images
   * @returns bytes [indices.length, height, width, channels], from 0 to 255
   */
  read(indices: ArrayLike<number>): Promise<Uint8Array>;
}

/** Labelled images in memory, or that are read when they are needed. */
export type Images = Dataset | ImageSource;

/** Training images, and test images that training never sees. */
export interface SplitImages {
  /** Name of the data set, such as the name of its folder. */
  readonly name: string;
  readonly train: Images;
  readonly test: Images;
}

/** Tests for images that are read when they are needed. */
export function isSource(images: Images): images is ImageSource {
  return 'read' in images;
}

/** Bytes of the digest of an image. */
export const DIGEST_BYTES = 16;

/** Selects the images at the given indices, in that order. */
export function selectSource(source: ImageSource, indices: ArrayLike<number>): ImageSource {
  const chosen = Uint32Array.from(indices);
  const digests = new Uint8Array(chosen.length * DIGEST_BYTES);
  chosen.forEach((index, at) => {
    digests.set(source.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES), at * DIGEST_BYTES);
  });
  return {
    ...source,
    labels: Int32Array.from(chosen, (index) => source.labels[index]!),
    digests,
    ...(source.masks && { masks: selectMasks(source.masks, chosen) }),
    ...(source.multiHot && { multiHot: selectRows(source.multiHot, source.classNames.length, chosen) }),
    read: (wanted) => source.read(Uint32Array.from(wanted, (index) => chosen[index]!)),
  };
}

/** Indices of all images. */
export function indicesOf({ labels }: Images): Uint32Array {
  return Uint32Array.from(labels, (_, index) => index);
}

/** Reads the images at the given indices into memory. */
export async function readImages(images: Images, indices: ArrayLike<number>): Promise<Dataset> {
  if (!isSource(images)) return selectImages(images, indices);
  const { height, width, channels, classNames, preprocessing, masks, multiHot } = images;
  return {
    images: await images.read(indices),
    labels: Int32Array.from(indices, (index) => images.labels[index]!),
    height,
    width,
    channels,
    classNames,
    preprocessing,
    ...(masks && { masks: selectMasks(masks, indices) }),
    ...(multiHot && { multiHot: selectRows(multiHot, classNames.length, indices) }),
  };
}
