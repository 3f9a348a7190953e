/** Crops of images to a given size: of their centre, or of the largest centred window of the same aspect ratio. */
import * as tf from '@tensorflow/tfjs';
import { resizeBilinear } from '../ops/resize_bilinear/op.js';
import { bilinearReads, repeatedReads, type AxisReads } from './axis_reads.js';
import type { LayerDescription } from './description.js';
import type { ImageSize } from './image_layer.js';
import { readingWindow } from './reading_window.js';

/** [height, width]. */
export type Size = readonly [number, number];

/** A rectangle of an image. */
export interface Crop {
  /** First row and column. */
  readonly start: Size;
  readonly size: Size;
}

/** True if a crop of the target's size lies within the image. */
export function fits(image: Size, target: Size): boolean {
  return image[0] >= target[0] && image[1] >= target[1];
}

/** The centre of an image, of the given size. */
function centreOf(image: Size, size: Size): Crop {
  return { start: [Math.floor((image[0] - size[0]) / 2), Math.floor((image[1] - size[1]) / 2)], size };
}

/** The centre of the target's size or, of a smaller image, the largest centred window of its aspect ratio. */
export function centreCropOf(image: Size, target: Size): Crop {
  return fits(image, target) ? centreOf(image, target) : largestOf(image, target);
}

/** The largest centred window of the target's aspect ratio. */
export function largestOf(image: Size, target: Size): Crop {
  const along = (axis: 0 | 1): number => {
    const other = axis === 0 ? 1 : 0;
    return Math.max(Math.min(image[axis], Math.trunc((image[other] * target[axis]) / target[other])), 1);
  };
  return centreOf(image, [along(0), along(1)]);
}

/** Crops images, and resizes the crop to the target if it has another size. */
export function cropTo(x: tf.Tensor4D, { start, size }: Crop, target: Size): tf.Tensor4D {
  const crop = tf.slice(x, [0, ...start, 0], [-1, ...size, -1]);
  return isSame(size, target) ? crop : resizeBilinear(crop, [target[0], target[1]]);
}

/** Work and window of {@link cropTo}. */
export function describeCrop({ start, size }: Crop, target: Size, { inChannels }: ImageSize): LayerDescription {
  const along = (axis: 0 | 1): AxisReads => {
    const [from, to] = [size[axis], target[axis]];
    const { shift, reads } = from === 1 ? repeatedReads(to) : bilinearReads(from, to, true);
    return { shift, reads: reads.map((inputs) => inputs.map((input) => input + start[axis])) };
  };
  return {
    otherOps: { sampling: isSame(size, target) ? 0 : target[0] * target[1] * inChannels },
    windows: [readingWindow(along(0), along(1))],
  };
}

function isSame(size: Size, target: Size): boolean {
  return size[0] === target[0] && size[1] === target[1];
}
