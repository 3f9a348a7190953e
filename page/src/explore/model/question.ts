/** Questions of the page to its worker, and the answers: plain data that can be sent between threads. */
import type { layers } from 'tfjs-convolutions';
import type { BackendName } from '../../engine/backend_names.js';

type Factories = typeof layers;

/** A layer of the package: its factory and arguments. */
export type LayerSpec = {
  readonly [Name in keyof Factories]: { readonly factory: Name; readonly args: Parameters<Factories[Name]>[0] };
}[keyof Factories];

/** Layers in a row. */
export interface Network {
  /** Shapes of the first layer's inputs, without the batch; the first is the image. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly layers: readonly LayerSpec[];
}

/** A tensor, row by row. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** One run of a layer. */
export interface Step {
  /** Index of its input map: 0 is the input, i the result of step i − 1. */
  readonly from: number;
  readonly layer: LayerSpec;
  /** Weights in the layer's own order. */
  readonly weights: readonly (readonly number[])[];
  /** Further inputs. */
  readonly extra: readonly Values[];
}

export interface Run {
  readonly input: Values;
  readonly steps: readonly Step[];
  readonly backend: BackendName;
  /** Row, column and channel of the output whose gradients are wanted; `null` for none. */
  readonly backward: readonly [y: number, x: number, channel: number] | null;
}

/** Gradients of one output value. */
export interface Gradients<T> {
  readonly input: T;
  /** Of each weight, in the order of the steps and layers. */
  readonly weights: readonly T[];
  /** Of the offsets and of the masks at the output position, if there are any. */
  readonly moved: readonly T[];
}

export interface Question {
  readonly network: Network;
  /** Layers to compare costs with. */
  readonly peer: Network | null;
  /** Numbers to compute with. */
  readonly run: Run | null;
}

export interface Counts {
  readonly params: number;
  readonly macs: number;
  /** Cost of the convolution or the dense layer that predicts offsets. */
  readonly offsetMacs: number;
}

export interface Answer extends Counts {
  /** Output shape without the batch. */
  readonly outputShape: readonly number[];
  /** Size of each weight. */
  readonly weights: readonly { readonly name: string; readonly count: number }[];
  /** Receptive field [height, width] of every layer, in order. */
  readonly fields: readonly (readonly [number, number])[];
  /** True if it depends on the input, through offsets. */
  readonly dataDependent: boolean;
  /** True if the receptive field is unbounded. */
  readonly global: boolean;
  readonly peer: Counts | null;
  readonly gradients: Gradients<readonly number[]> | null;
  /** Result of each step. */
  readonly maps: readonly (readonly number[])[];
}
