/** Hard swish layer (MobileNetV3) with a single-step gradient. No weights. */
import * as tf from '@tensorflow/tfjs';
import { BaseLayer } from './base_layer.js';
import type { LayerArgs } from './config.js';
import { POINTWISE_WINDOW, type LayerDescription } from './description.js';
import { hardSwish } from './hard_swish_activation.js';

/** Arguments of {@link HardSwish}. */
export type HardSwishArgs = LayerArgs;

/**
 * `x · relu6(x + 3) / 6`, elementwise: 0 below −3, x above 3 and a parabola between, close to swish. TensorFlow.js
 * lacks this activation; layers of this package also accept `activation: 'hardSwish'`. Accepts inputs of any shape.
 *
 * @throws TypeError for an unknown option
 * @see Howard et al., "Searching for MobileNetV3" (2019), section 5.2; keras.activations.hard_swish
 * @example
 * ```ts
 * const layer = conv.layers.hardSwish();
 * console.log(layer.apply(tf.tensor1d([-1.5, 0, 1.5, 4])).arraySync()); // [-0.375, 0, 1.125, 4]
 * ```
 */
export class HardSwish extends BaseLayer {
  static override readonly className: string = 'Convolutions>HardSwish';

  constructor(args: HardSwishArgs = {}) {
    super(args);
    this.supportsMasking = true;
    this.checkOptions(args);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return hardSwish(Array.isArray(inputs) ? inputs[0]! : inputs);
    });
  }

  describe(inputShapes: readonly tf.Shape[]): LayerDescription {
    const elements = (inputShapes[0] ?? []).slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
    return { otherOps: { activation: elements }, windows: [POINTWISE_WINDOW] };
  }
}
