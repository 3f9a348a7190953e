/** Layer that returns its input without a copy. */
import type * as tf from '@tensorflow/tfjs';
import { identity } from '../ops/identity/op.js';
import { BaseLayer, toShapes } from './base_layer.js';
import type { LayerArgs } from './config.js';
import { setSymbolicType } from './symbolic_type.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';

/**
 * Returns its input unchanged. Where one layer takes over the work of the next (a normalisation its activation, a
 * convolution its padding), this layer stands in for the latter and keeps its name.
 *
 * @throws TypeError for an unknown option
 * @see keras.layers.Identity
 * @example
 * ```ts
 * const y = conv.layers.identity({ name: 'conv1_relu' }).apply(tf.tensor1d([1, 2]));
 * console.log(y.arraySync()); // [1, 2]
 * ```
 */
export class Identity extends BaseLayer {
  static override readonly className: string = 'Convolutions>Identity';
  static override readonly dtypes: readonly tf.DataType[] = ['float32', 'int32', 'bool'];

  constructor(args: LayerArgs = {}) {
    super(args);
    this.supportsMasking = true;
    this.checkOptions(args);
  }

  override apply(...call: Parameters<tf.layers.Layer['apply']>): ReturnType<tf.layers.Layer['apply']> {
    const [inputs] = call;
    const { dtype } = Array.isArray(inputs) ? inputs[0]! : inputs;
    return setSymbolicType(super.apply(...call), dtype);
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return toShapes(inputShape)[0]!;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    this.invokeCallHook(inputs, kwargs);
    return identity(Array.isArray(inputs) ? inputs[0]! : inputs);
  }

  describe(): LayerDescription {
    return { windows: [POINTWISE_WINDOW] };
  }
}
