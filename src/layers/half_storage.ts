/**
 * Kernels and images of convolution layers in half precision, for inference (src/ops/pack_half). Packed kernels are int32
 * weights, half as large also in a saved model.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError, type Action } from '../errors.js';
import { PRECISIONS, type Precision } from '../kernel/half.js';
import { packHalf } from '../ops/pack_half/op.js';
import type { Initializer, WeightOptions } from './config.js';

const PACKED_IMAGES = ['none', 'input', 'output', 'both'] as const;

/**
 * Images of a layer that are packed.
 *
 * @useDeclaredType
 */
export type PackedImages = (typeof PACKED_IMAGES)[number];

/** Argument of layers whose kernel can be stored in half precision. */
export interface PrecisionArgs {
  /**
   * Precision of the kernel: `'half'` for inference, as foldBatchNormalization sets it. The weight is then int32, two
   * halves each, with half as many output channels, and is not trainable. @default 'single'
   */
  precision?: Precision;
}

/** Arguments of layers that also read and write images in half precision. */
export interface HalfImageArgs extends PrecisionArgs {
  /**
   * Images between layers with `precision: 'half'` that are packed by packHalf, with half as many channels, as
   * foldBatchNormalization sets it. @default 'none'
   */
  packedImages?: PackedImages;
}

/** Reads the precision of the kernel. */
export function readKernelPrecision(action: Action, { precision }: PrecisionArgs): Precision {
  return checkOneOf(action, 'precision', precision ?? 'single', PRECISIONS);
}

/**
 * Reads which images are packed.
 *
 * @param channelsLast true if that is the data format
 */
export function readPackedImages(action: Action, args: HalfImageArgs, channelsLast: boolean): PackedImages {
  const packed = checkOneOf(action, 'packedImages', args.packedImages ?? 'none', PACKED_IMAGES);
  if (packed !== 'none' && (args.precision !== 'half' || !channelsLast)) {
    const rule = "packedImages requires precision 'half' and dataFormat 'channelsLast'";
    throw rangeError(action, rule, 'packedImages', packed);
  }
  return packed;
}

/** Shape of a packed kernel. */
export function packedKernelShape(action: Action, shape: readonly number[]): number[] {
  const last = shape.at(-1)!;
  if (last % 2 !== 0) {
    throw rangeError(action, "precision 'half' requires an even number of output channels", 'kernel shape', shape);
  }
  return [...shape.slice(0, -1), last / 2];
}

/** Initializer of a packed kernel, from the options of its values, [kh, kw, …]. */
export function packedInitializer(action: Action, options: WeightOptions, shape: readonly number[]): Initializer {
  const { initializer, regularizer, constraint } = options;
  if (regularizer !== null || constraint !== null) {
    throw rangeError(action, "a kernel with a regularizer or a constraint has precision 'single'", 'precision', 'half');
  }
  const packed = { apply: (): tf.Tensor => tf.tidy(() => packHalf(initializer.apply([...shape], 'float32'))) };
  return packed as unknown as Initializer;
}
