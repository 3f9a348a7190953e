/**
 * Convolutional autoencoder of Keras's example on image denoising: the encoder halves feature maps by pooling, the
 * decoder doubles them by transposed convolutions, and the bottleneck discards what is not needed to describe the
 * image, such as noise.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, rangeError, typeError } from '../errors.js';
import { toActivation, type ActivationIdentifier } from '../layers/config.js';
import { layers } from '../layers/registry.js';
import { apply } from './blocks.js';
import { cropTo } from './crop_to.js';
import { network } from './network.js';
import { toImageShape } from './options.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';

/** Options of {@link denoisingAutoencoder}. */
export interface DenoisingAutoencoderOptions {
  /** [height, width, channels]; height and width may be null, for images of any size. @default [28, 28, 1] */
  readonly inputShape?: tf.Shape;
  /** Number of channels of each encoder stage; the decoder mirrors them. @default [32, 32] */
  readonly filters?: readonly number[];
  /** Activation of the output; `'sigmoid'` for pixels in [0, 1]. @default 'sigmoid' */
  readonly outputActivation?: ActivationIdentifier;
}

const ACTION = 'build denoisingAutoencoder';
const OPTIONS = {
  inputShape: true,
  filters: true,
  outputActivation: true,
} as const satisfies OptionNames<DenoisingAutoencoderOptions>;

/** Options of every convolution but the last. */
const CONVOLUTION = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;

/**
 * Builds a denoising autoencoder, not compiled: for each entry of `filters` a convolution (`down_1`, …) and max pooling
 * by 2, then, in reverse order, transposed convolutions of stride 2 (`up_2`, …), and a convolution to the channels of
 * the image (`output`). Feature maps of odd height or width are upsampled to one too many and cropped.
 *
 * @param options sizes of the network and its images; see {@link DenoisingAutoencoderOptions}
 * @returns a model from images [n, height, width, channels] to images of the same shape
 * @throws TypeError for a wrong type; RangeError for an option out of range
 * @see keras.io/examples/vision/autoencoder; Vincent et al., "Extracting and Composing Robust Features with Denoising
 * Autoencoders" (2008)
 * @example
 * ```ts
 * const model = conv.denoisingAutoencoder();
 * console.log(model.countParams()); // 28353
 * console.log(model.predict(tf.zeros([1, 28, 28, 1])).shape); // [1, 28, 28, 1]
 * ```
 */
export function denoisingAutoencoder(options: DenoisingAutoencoderOptions = {}): tf.LayersModel {
  checkOptions(ACTION, options, OPTIONS);
  const inputShape = toImageShape(ACTION, options.inputShape ?? [28, 28, 1]);
  const filters = readFilters(options.filters);
  const { identifier: activation } = toActivation(ACTION, 'outputActivation', options.outputActivation ?? 'sigmoid');

  const image = tf.input({ shape: [...inputShape] });
  const maps: tf.SymbolicTensor[] = [];
  let x = filters.reduce((y, count, index) => {
    maps.push(y);
    const features = apply(layers.conv2d({ name: `down_${index + 1}`, filters: count, ...CONVOLUTION }), y);
    const pool = { name: `down_${index + 1}_pool`, poolSize: 2, padding: 'same' } as const;
    return apply(layers.maxPooling2d(pool), features);
  }, image);
  x = filters.reduceRight((y, count, index) => {
    const name = `up_${index + 1}`;
    const upsampled = apply(layers.conv2dTranspose({ name, filters: count, strides: 2, ...CONVOLUTION }), y);
    return cropTo(maps[index]!, upsampled, name);
  }, x);
  const last = layers.conv2d({ ...CONVOLUTION, name: 'output', filters: inputShape[2], activation });
  return network({ inputs: image, outputs: apply(last, x), name: 'denoising_autoencoder' });
}

function readFilters(value: unknown = [32, 32]): readonly number[] {
  if (!Array.isArray(value)) throw typeError(ACTION, 'filters must be a list of integers', 'filters', value);
  if (value.length === 0) throw rangeError(ACTION, 'filters must not be empty', 'filters', value);
  return value.map((count) => checkInteger(ACTION, 'filters', count, 1));
}
