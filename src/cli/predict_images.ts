/** Images as `predict` gives them to a model: prepared as in training. */
import { UsageError } from './exit_status.js';
import { readImage } from '../training/decode_image.js';
import { scalePixels, type Preprocessing } from '../training/preprocessing.js';

/** Throws unless the size is that of the model, or one of them is not given; an axis without a size takes any. */
export function checkSize(size: number | undefined, axes: readonly (number | null | undefined)[]): void {
  if (size === undefined || axes.every((axis) => axis == null || axis === size)) return;
  const own = axes.map((axis) => axis ?? 'any').join(' × ');
  throw new UsageError(`option '--size' must agree with the input of the model, ${own}, received size = ${size}`);
}

/** Images of a batch, without those that cannot be read. */
export interface PreparedImages {
  readonly files: readonly string[];
  /** [files, height, width, channels], flat. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** Errors of the others. */
  readonly broken: readonly unknown[];
}

/** Reads and decodes images, on the threads of the decoder. */
export async function prepareImages(files: readonly string[], input: Preprocessing): Promise<PreparedImages> {
  const { height, width, channels } = input;
  const results = await Promise.allSettled(files.map((file) => readImage(file, input)));
  const good: string[] = [];
  const broken: unknown[] = [];
  const pixels = new Float32Array(files.length * height * width * channels);
  let end = 0;
  results.forEach((result, index) => {
    if (result.status === 'rejected') {
      broken.push(result.reason);
      return;
    }
    pixels.set(result.value, end);
    end += result.value.length;
    good.push(files[index]!);
  });
  const filled = pixels.slice(0, end);
  scalePixels(filled, input);
  return { files: good, pixels: filled, broken };
}
