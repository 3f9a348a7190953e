/** Images as `predict` gives them to a model: prepared as in training. */
import { readImage } from '../training/decode_image.js';
import { scalePixels, type Preprocessing } from '../training/preprocessing.js';

/** Height and width for a model that takes any, in pixels. */
export const ANY_SIZE = 224;

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
