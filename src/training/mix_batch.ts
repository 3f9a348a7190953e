/**
 * Mixing of the images of a batch and of their labels: H. Zhang et al., "mixup", arXiv 1710.09412; S. Yun et al., "CutMix",
 * arXiv 1905.04899.
 */
import type { ImageShape } from './affine_image.js';
import { permutation, type Random } from './random.js';

/** Parameters of the beta distributions; 0 for none. With both, each batch is mixed in one way or the other. */
export interface Mixing {
  readonly mixup: number;
  readonly cutmix: number;
}

/**
 * Mixes each image with another one of the batch, in place.
 *
 * @param pixels images [batch, height, width, channels]
 * @param truth labels [batch, classes], which are mixed in the same proportion
 * @param random source of random numbers
 */
export function mixBatch(
  pixels: Float32Array,
  truth: Float32Array,
  shape: ImageShape,
  { mixup, cutmix }: Mixing,
  random: Random,
): void {
  const size = shape.height * shape.width * shape.channels;
  const batch = pixels.length / size;
  const classes = truth.length / batch;
  const [images, labels] = [pixels.slice(), truth.slice()];
  const isCut = cutmix > 0 && (mixup === 0 || random.uniform() < 0.5);
  const partners = permutation(batch, random);
  for (let index = 0; index < batch; index++) {
    const other = partners[index]!;
    const own = sampleBeta(isCut ? cutmix : mixup, random);
    const target = pixels.subarray(index * size, (index + 1) * size);
    const source = images.subarray(other * size, (other + 1) * size);
    const kept = isCut ? pasteRectangle(target, source, shape, own, random) : blend(target, source, own);
    blend(
      truth.subarray(index * classes, (index + 1) * classes),
      labels.subarray(other * classes, (other + 1) * classes),
      kept,
    );
  }
}

/** target = own · target + (1 − own) · source; returns own. */
function blend(target: Float32Array, source: Float32Array, own: number): number {
  for (let index = 0; index < target.length; index++) {
    target[index] = own * target[index]! + (1 - own) * source[index]!;
  }
  return own;
}

/** Copies a rectangle of about 1 − own of the area; returns the fraction of the area that is kept. */
function pasteRectangle(
  target: Float32Array,
  source: Float32Array,
  { height, width, channels }: ImageShape,
  own: number,
  random: Random,
): number {
  const side = Math.sqrt(1 - own) / 2;
  const [y, x] = [random.uniform() * height, random.uniform() * width];
  const edge = (at: number, size: number): number => Math.min(Math.max(Math.round(at), 0), size);
  const [top, bottom] = [edge(y - side * height, height), edge(y + side * height, height)];
  const [left, right] = [edge(x - side * width, width), edge(x + side * width, width)];
  for (let row = top; row < bottom; row++) {
    const [start, end] = [(row * width + left) * channels, (row * width + right) * channels];
    target.set(source.subarray(start, end), start);
  }
  return 1 - ((bottom - top) * (right - left)) / (height * width);
}

/** Draws from the beta distribution with both parameters equal, by the rejection method of M. D. Jöhnk (1964). */
function sampleBeta(parameter: number, random: Random): number {
  for (;;) {
    const [a, b] = [random.uniform() ** (1 / parameter), random.uniform() ** (1 / parameter)];
    if (a + b <= 1 && a + b > 0) return a / (a + b);
  }
}
