/** What the page asks its worker, and what that answers. Plain data, which crosses between threads. */
import type { layers } from 'tfjs-convolutions';
import type { BackendName } from '../../engine/backends.js';

type Factories = typeof layers;

/** A layer of the package: its factory and the arguments. */
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
  /** The map that it reads: 0 is the input, i the result of step i − 1. */
  readonly from: number;
  readonly layer: LayerSpec;
  /** In the layer's own order. */
  readonly weights: readonly (readonly number[])[];
  /** Inputs besides the map. */
  readonly extra: readonly Values[];
}

export interface Question {
  readonly network: Network;
  /** What its costs are put beside. */
  readonly peer: Network | null;
  /** Numbers to run through. */
  readonly run: { readonly input: Values; readonly steps: readonly Step[]; readonly backend: BackendName } | null;
}

export interface Counts {
  readonly params: number;
  readonly macs: number;
  /** Of the convolution or the dense layer that predicts offsets. */
  readonly offsetMacs: number;
}

export interface Answer extends Counts {
  /** Without the batch. */
  readonly outputShape: readonly number[];
  /** How many numbers each weight holds. */
  readonly weights: readonly { readonly name: string; readonly count: number }[];
  /** [height, width] of the input that one output cell sees; the field of every layer, the last one last. */
  readonly fields: readonly (readonly [number, number])[];
  /** Whether the input itself moves it. */
  readonly dataDependent: boolean;
  /** Whether an output cell can see everything. */
  readonly global: boolean;
  readonly peer: Counts | null;
  /** What each step of the run made. */
  readonly maps: readonly (readonly number[])[];
}
