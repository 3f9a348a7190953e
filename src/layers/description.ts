/**
 * Interface between layers and the analysis: the convolutions of a layer, its other work, and the input window of one
 * output position. Layers with a `describe` method are counted by `cost` and traced by `receptiveField`; those of tfjs
 * itself are described by a table in `analysis/`.
 */
import type * as tf from '@tensorflow/tfjs';
import type { AxisReads } from './axis_reads.js';

/** One convolution or dense product of a layer; macs = positions · Π kernelSize · inChannels / groups · outChannels. */
export interface ConvolutionWork {
  /** `'offset'` for convolutions that predict offsets; `'main'` for all others. */
  readonly role: 'main' | 'offset';
  /** [height, width], or one size per axis for layers of another rank. */
  readonly kernelSize: readonly number[];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  /** Number of kernel applications: output positions of one image (input positions for a transposed convolution). */
  readonly positions: number;
}

/** Work besides multiply-adds, per image, counted in output elements unless stated otherwise. */
export interface OtherOps {
  /** Elements to which a bias is added. */
  readonly bias: number;
  /** Elements scaled and shifted. */
  readonly normalization: number;
  /** Elements passed through a nonlinear function. */
  readonly activation: number;
  /** Elements read by pooling windows. */
  readonly pooling: number;
  /** Bilinear samples taken. */
  readonly sampling: number;
}

/** Input window of one output position, (y, x). */
export interface LayerWindow {
  /** Extent in input positions, including dilation. */
  readonly size: readonly [number, number];
  /** Input positions per output position; 1 / s if the layer upsamples by s. */
  readonly strides: readonly [number, number];
  /** Offset from the input's top left corner back to the first output's window: [top, left]. */
  readonly padding: readonly [number, number];
  /** Exact inputs that are read, [y, x]. @default the whole window */
  readonly reads?: readonly [AxisReads, AxisReads];
  /** True if every output also depends on the whole input. @default false */
  readonly global?: boolean;
  /** True if the position of the window depends on the data. @default false */
  readonly dataDependent?: boolean;
  /** True if only the size of this input matters, so that none of its values is read. @default false */
  readonly sizeOnly?: boolean;
}

/** Window of a pointwise layer. */
export const POINTWISE_WINDOW = { size: [1, 1], strides: [1, 1], padding: [0, 0] } as const satisfies LayerWindow;

/** Work and windows of a layer. */
export interface LayerDescription {
  /** @default none */
  readonly convolutions?: readonly ConvolutionWork[];
  /** Omitted entries count 0. */
  readonly otherOps?: Partial<OtherOps>;
  /** One window per input; the last one applies to all further inputs. */
  readonly windows: readonly [LayerWindow, ...LayerWindow[]];
}

/** A layer that describes itself. */
export interface DescribedLayer {
  /** @param inputShapes shapes of all inputs, batch first, in the layer's own data format, all sizes known */
  describe(inputShapes: readonly tf.Shape[]): LayerDescription;
}

/** Sampling locations of a deformable layer. */
export interface TapLocations {
  /** (y, x) in pixels of the layer's input, [n, outH, outW, groups · taps · 2]. */
  readonly locations: tf.Tensor4D;
  /** Weight of each sample, [n, outH, outW, groups · taps]; absent if all are 1. */
  readonly weights: tf.Tensor4D | undefined;
}

/** A layer whose sampling locations depend on its input. */
export interface DeformableLayer {
  readonly kernelSize: readonly [number, number];
  /** Number of channel groups with their own sampling locations. */
  readonly offsetGroups: number;
  /** @param inputs inputs of the layer, in its own data format */
  tapLocations(inputs: tf.Tensor | tf.Tensor[]): TapLocations;
}
