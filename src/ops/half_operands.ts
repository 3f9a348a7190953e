/**
 * Operands of convolutions in half precision: the filter is stored as packed halves ({@link packHalf}), the image may be.
 * Sums are single. For inference: there is no gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, rangeError, type Action } from '../errors.js';
import type { ConvGeometry } from '../kernel/geometry.js';
import { PRECISIONS, type Precision } from '../kernel/half.js';
import type { OptionNames } from '../support/check_options.js';
import { checkFilter, checkTensor, imageRank, toBatch } from './checks.js';
import { packHalf, unpackHalf } from './pack_half/op.js';
import { unpackedShape } from './pack_half/shapes.js';
import { runKernelSingle } from './run_kernel.js';

/** Option of convolutions whose filter can be stored in half precision. */
export interface PrecisionOptions {
  /**
   * Precision of the filter: `'half'` takes it packed by {@link packHalf}, or packs it at each call. Sums stay single;
   * not differentiable. @default 'single'
   */
  readonly precision?: Precision;
}

/** Options of convolutions that also read and write images in half precision. */
export interface HalfImageOptions extends PrecisionOptions {
  /**
   * Precision of the result: `'half'` packs it, for the next convolution; requires `precision: 'half'` and an even number
   * of output channels. @default 'single'
   */
  readonly outputPrecision?: Precision;
}

export const PRECISION_OPTIONS = { precision: true } as const satisfies OptionNames<PrecisionOptions>;
export const HALF_IMAGE_OPTIONS = {
  ...PRECISION_OPTIONS,
  outputPrecision: true,
} as const satisfies OptionNames<HalfImageOptions>;

/** Geometry of a convolution with a filter in half precision. */
export type HalfGeometry<G extends ConvGeometry = ConvGeometry> = G & {
  readonly image: Precision;
  readonly result: Precision;
};

/** An operand, and the shape of its values. */
export interface Operand {
  readonly tensor: tf.Tensor4D;
  readonly shape: tf.Tensor4D['shape'];
}

/** Reads the precision of the filter. */
export function readPrecision(action: Action, { precision }: PrecisionOptions): Precision {
  return checkOneOf(action, 'precision', precision ?? 'single', PRECISIONS);
}

/** Reads the precision of the result. */
export function readOutputPrecision(action: Action, options: HalfImageOptions, outChannels: number): Precision {
  const output = checkOneOf(action, 'outputPrecision', options.outputPrecision ?? 'single', PRECISIONS);
  if (output === 'single') return output;
  if (options.precision !== 'half') {
    throw rangeError(action, "outputPrecision 'half' requires precision 'half'", 'precision', options.precision);
  }
  if (outChannels % 2 !== 0) {
    throw rangeError(
      action,
      "outputPrecision 'half' requires an even number of output channels",
      'channels',
      outChannels,
    );
  }
  return output;
}

/** Reads an image or a batch of images, which may be packed if the precision is half; returns its rank, too. */
export function openImage(action: Action, x: unknown, precision: Precision): Operand & { readonly rank: 3 | 4 } {
  if (precision === 'half' && isPacked(x)) {
    const rank = checkTensor(action, 'x', x, [3, 4], 'int32').rank === 3 ? 3 : 4;
    const tensor = (rank === 3 ? tf.expandDims(x, 0) : x) as tf.Tensor4D;
    return { tensor, shape: unpackedShape(tensor.shape) as tf.Tensor4D['shape'], rank };
  }
  const rank = imageRank(action, 'x', x);
  const tensor = toBatch(action, 'x', x, rank);
  return { tensor, shape: tensor.shape, rank };
}

/** Reads a filter [kh, kw, c, outChannels]; if the precision is half, packs it unless it is packed. */
export function openFilter(action: Action, filter: unknown, precision: Precision): Operand {
  if (precision === 'half' && isPacked(filter)) {
    const tensor = checkPackedFilter(action, filter, 4) as tf.Tensor4D;
    return { tensor, shape: unpackedShape(tensor.shape) as tf.Tensor4D['shape'] };
  }
  const tensor = checkFilter(action, filter) as tf.Tensor4D;
  return { tensor: precision === 'half' ? packFilter(action, tensor, tensor.shape) : tensor, shape: tensor.shape };
}

/** Reads a filter [kh, kw, channels, multiplier], which is packed as [kh, kw, channels · multiplier / 2]. */
export function openDepthwiseFilter(action: Action, filter: unknown, precision: Precision, channels: number): Operand {
  if (precision === 'half' && isPacked(filter)) {
    const tensor = checkPackedFilter(action, filter, 3);
    const [kernelHeight, kernelWidth, outChannels] = unpackedShape(tensor.shape) as [number, number, number];
    if (outChannels % channels !== 0) {
      const rule = `the input channels ${channels} must divide the number of output channels, 2 · filter.shape[2]`;
      throw rangeError(action, rule, 'filter.shape', tensor.shape);
    }
    return { tensor: tensor as tf.Tensor4D, shape: [kernelHeight, kernelWidth, channels, outChannels / channels] };
  }
  const tensor = checkFilter(action, filter) as tf.Tensor4D;
  const { shape } = tensor;
  if (precision === 'single') return { tensor, shape };
  return { tensor: packFilter(action, tf.reshape(tensor, [shape[0], shape[1], shape[2] * shape[3]]), shape), shape };
}

function isPacked(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor && value.dtype === 'int32';
}

function checkPackedFilter(action: Action, filter: tf.Tensor, rank: number): tf.Tensor {
  checkTensor(action, 'filter', filter, [rank], 'int32');
  if (filter.size === 0) throw rangeError(action, 'filter must have no axis of size 0', 'filter.shape', filter.shape);
  return filter;
}

function packFilter(action: Action, filter: tf.Tensor, shape: readonly number[]): tf.Tensor4D {
  if (filter.shape.at(-1)! % 2 !== 0) {
    throw rangeError(action, "precision 'half' requires an even number of output channels", 'filter.shape', shape);
  }
  return packHalf(filter) as tf.Tensor4D;
}

/** A convolution with a filter in half precision. */
export interface HalfConvolution {
  /** Kernel of webgpu, which reads and writes packed tensors. */
  readonly half: string;
  /** Kernel of the other backends, on unpacked tensors. */
  readonly single: string;
  readonly inputs: Readonly<Record<string, tf.Tensor | undefined>> & Readonly<Record<'x' | 'filter', tf.Tensor>>;
  /** Shape of the filter's values. */
  readonly filterShape: readonly number[];
  readonly geometry: ConvGeometry;
  /** @default 'single' */
  readonly output?: Precision;
}

/** Runs a convolution whose filter is packed, and whose image may be. Refuses to be differentiated. */
export function runHalf(action: Action, convolution: HalfConvolution): tf.Tensor {
  const present = Object.values(convolution.inputs).filter((input) => input !== undefined);
  const run = tf.customGrad(() => ({
    value: tf.getBackend() === 'webgpu' ? runPacked(action, convolution) : runUnpacked(action, convolution),
    gradFunc: () => {
      throw rangeError(action, "precision 'half' is for inference and has no gradient", 'precision', 'half');
    },
  }));
  return run(...present);
}

function runPacked(action: Action, { half, inputs, geometry, output = 'single' }: HalfConvolution): tf.Tensor {
  const attributes: HalfGeometry = {
    ...geometry,
    image: inputs.x.dtype === 'int32' ? 'half' : 'single',
    result: output,
  };
  return runKernelSingle(action, half, inputs, attributes);
}

function runUnpacked(action: Action, convolution: HalfConvolution): tf.Tensor {
  const { single, inputs, filterShape, geometry, output } = convolution;
  const x = inputs.x.dtype === 'int32' ? unpackHalf(inputs.x) : inputs.x;
  const filter = tf.reshape(unpackHalf(inputs.filter), [...filterShape]);
  const y = runKernelSingle(action, single, { ...inputs, x, filter }, geometry);
  return output === 'half' ? packHalf(y) : y;
}
