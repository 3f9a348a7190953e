/** Images as `predict` gives them to a model: decoded and scaled as by `train`. */
import type { DecodedSize } from '../training/image_folder.js';
import { readImage } from '../training/image_folder.js';

/** Images that a model takes. */
export interface ImageInput extends DecodedSize {
  /** The model takes pixel · scale + offset, for pixels from 0 to 255; one number, or one for each channel. */
  readonly scale: number | readonly number[];
  /** See `scale`. */
  readonly offset: number | readonly number[];
}

/** Scaling of the images of runs: to [−1, 1], which the networks of this package take. */
export const OF_RUNS = { scale: 2 / 255, offset: -1 } as const;

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
export async function prepareImages(files: readonly string[], input: ImageInput): Promise<PreparedImages> {
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
  scale(filled, input);
  return { files: good, pixels: filled, broken };
}

function scale(pixels: Float32Array, input: ImageInput): void {
  const { channels } = input;
  for (let channel = 0; channel < channels; channel++) {
    const [factor, shift] = [input.scale, input.offset].map((values) =>
      typeof values === 'number' ? values : values[channel]!,
    ) as [number, number];
    for (let index = channel; index < pixels.length; index += channels) pixels[index] = pixels[index]! * factor + shift;
  }
}
