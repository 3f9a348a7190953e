/** A whole model of Keras, as its file describes it. */
import type { Config } from './keras_objects.js';

/** A model, functional or sequential. */
export interface KerasModel {
  readonly name: string;
  readonly isSequential: boolean;
  readonly layers: readonly KerasLayer[];
  /** Names of the input layers. */
  readonly inputs: readonly string[];
  readonly outputs: readonly Reference[];
}

/** A layer or a nested model. */
export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  /** Name under which a class that is not Keras's own is registered. */
  readonly registeredName?: string;
  readonly config: Config;
  /** Calls of the layer; none in a sequential model, where each layer is called on the one before. */
  readonly calls: readonly Call[];
  readonly model?: KerasModel;
}

/** A call of a layer. */
export interface Call {
  readonly inputs: readonly Reference[];
  readonly options: Config;
}

/** An output of a call. */
export interface Reference {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}
