/** The layers of a model before they are created: so that nothing is, unless all of them can be. */
import type * as tf from '@tensorflow/tfjs';
import type { Initializer } from '../../../layers/config.js';

/** An input of the model. */
export interface PlannedInput {
  readonly kind: 'input';
  readonly name: string;
  /** Batch first. */
  readonly shape: tf.Shape;
}

/** Values of a weight in the order of its layer. */
export interface WeightValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Everything that a layer is created from. */
export interface Creation {
  readonly name: string;
  /** True if the file has values for a weight. */
  readonly has: (weight: string) => boolean;
  /** Initializer of kernels, which makes no random numbers, since the values come from the file. */
  readonly kernelInitializer: Initializer;
}

/** A layer to be created. */
export interface LayerSpec {
  readonly create: (creation: Creation) => tf.layers.Layer;
  /** Values of its weights by their names in the layer. @default none */
  readonly weights?: Readonly<Record<string, WeightValues>>;
  /** Name of its kernel, if it is linear in this and in a bias of one number per output channel. */
  readonly kernel?: string;
}

/** A layer of the plan. */
export interface PlannedLayer extends LayerSpec {
  readonly kind: 'layer';
  readonly name: string;
  readonly inputs: readonly (PlannedInput | PlannedLayer)[];
  readonly weights: Record<string, WeightValues>;
  /** The first call of the layer, if this is a further one. */
  readonly first: PlannedLayer | undefined;
  /** Name of its weights in the file, if several nodes use them. */
  readonly shared: string | undefined;
  /** Name in the file of the value that it makes; another one once an operator was merged into it. */
  result: string;
}
