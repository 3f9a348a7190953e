/** Decodes single image files. */
import { typeError } from '../errors.js';
import { decoderError, runDecoder } from './decoder.js';
import type { ImageLocation } from './decoder_worker_source.js';
import { checkImage } from './image_kind.js';
import { checkPreprocessing, scalePixels, type Decoding, type Preprocessing } from './preprocessing.js';

const ACTION = 'load the images';

/** Reads one image file as pixels [height, width, channels] from 0 to 255. */
export async function readImage(file: string, decoding: Decoding): Promise<Uint8Array> {
  await checkImage(ACTION, file);
  return decode({ path: file }, file, decoding);
}

async function decode(image: ImageLocation, name: string, decoding: Decoding): Promise<Uint8Array> {
  const { pixels, failures } = await runDecoder(ACTION, { images: [image], work: 'decode', decoding });
  if (failures[0]) throw decoderError(ACTION, name, failures[0]);
  return pixels;
}

/**
 * Prepares an image for a model: decodes it, fits it to the size and scales its values.
 *
 * @param image path or contents of an image file, in any format that `sharp` reads
 * @param preprocessing what the model expects; see `preprocessingOf`
 * @returns values [height, width, channels]
 * @throws CorruptFileError if the image cannot be decoded; MissingPackageError if the package `sharp` is not installed
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { prepareImage, preprocessingOf } from 'tfjs-convolutions/training';
 *
 * const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [32, 32, 3], classes: 5 });
 * const image = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
 * const values = await prepareImage(image, preprocessingOf(model));
 * const answer = model.predict(tf.tensor(values, [1, 32, 32, 3]));
 * console.log(values[0], answer.shape); // 1 [1, 5]
 * ```
 */
export async function prepareImage(image: string | Uint8Array, preprocessing: Preprocessing): Promise<Float32Array> {
  checkPreprocessing(ACTION, preprocessing);
  if (typeof image !== 'string' && !(image instanceof Uint8Array)) {
    throw typeError(ACTION, 'image must be a path or a Uint8Array', 'image', image);
  }
  const bytes =
    typeof image === 'string'
      ? await readImage(image, preprocessing)
      : await decode({ bytes: image }, 'bytes', preprocessing);
  const values = Float32Array.from(bytes);
  scalePixels(values, preprocessing);
  return values;
}
