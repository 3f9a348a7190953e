/**
 * What a layer tells the analysis about itself: the convolutions it computes, its other work, and the window of the
 * input that one output position sees. A layer with a `describe` method is counted by `cost` and traced by
 * `receptiveField`; the layers of tfjs itself are described by a table in `analysis/`.
 */
import type * as tf from '@tensorflow/tfjs';
import type { AxisReads } from './axis_reads.js';

/** One convolution or dense product inside a layer; macs = positions · Π kernelSize · inChannels / groups · outChannels. */
export interface ConvolutionWork {
  /** `'offset'` predicts where a deformable kernel looks; `'main'` is all else. */
  readonly role: 'main' | 'offset';
  /** [height, width], or as many axes as the layer has. */
  readonly kernelSize: readonly number[];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  /** Where the kernel is applied: output positions of one image (input positions for a transposed convolution). */
  readonly positions: number;
}

/** Work besides multiply-adds, per image; each counts elements of what it writes unless said. */
export interface OtherOps {
  /** Additions of a bias. */
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

/** What one output position sees of an input, (y, x). */
export interface LayerWindow {
  /** Extent in input positions, dilation included. */
  readonly size: readonly [number, number];
  /** Input positions per output position; 1 / s where the layer enlarges by s. */
  readonly strides: readonly [number, number];
  /** How far the first output's window starts before the input: [top, left]. */
  readonly padding: readonly [number, number];
  /** Exactly which inputs are read, [y, x]. @default all of the window */
  readonly reads?: readonly [AxisReads, AxisReads];
  /** Whether every output sees the whole input besides. @default false */
  readonly global?: boolean;
  /** Whether the input itself moves the window. @default false */
  readonly dataDependent?: boolean;
  /** Whether of this input only the size matters, so that nothing of it is seen. @default false */
  readonly sizeOnly?: boolean;
}

/** The window of a layer that works position by position. */
export const POINTWISE_WINDOW = { size: [1, 1], strides: [1, 1], padding: [0, 0] } as const satisfies LayerWindow;

/** A layer in the eyes of the analysis. */
export interface LayerDescription {
  /** @default none */
  readonly convolutions?: readonly ConvolutionWork[];
  /** Absent kinds count 0. */
  readonly otherOps?: Partial<OtherOps>;
  /** One window for each input; the last one stands for all inputs that follow. */
  readonly windows: readonly [LayerWindow, ...LayerWindow[]];
}

/** A layer that describes itself. */
export interface DescribedLayer {
  /** @param inputShapes shapes of all inputs, batch first, in the layer's own data format, all sizes known */
  describe(inputShapes: readonly tf.Shape[]): LayerDescription;
}

/** Where the taps of a deformable layer read. */
export interface TapLocations {
  /** (y, x) in pixels of the layer's input, [n, outH, outW, groups · taps · 2]. */
  readonly locations: tf.Tensor4D;
  /** How much each sample counts, [n, outH, outW, groups · taps]; absent where all count 1. */
  readonly weights: tf.Tensor4D | undefined;
}

/** A layer whose kernel looks where its input says. */
export interface DeformableLayer {
  readonly kernelSize: readonly [number, number];
  /** Parts of the channels that look at places of their own. */
  readonly offsetGroups: number;
  /** @param inputs what the layer is called on, in its own data format */
  tapLocations(inputs: tf.Tensor | tf.Tensor[]): TapLocations;
}
