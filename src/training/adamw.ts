/** Adam with decoupled weight decay. I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101. */
import { Adam } from './adam.js';

/**
 * AdamW optimizer: `Adam` with a weight decay of 0.004 by default, as in Keras. Biases, and scales and shifts of
 * normalizations, do not decay unless the option `decays` says so.
 *
 * @throws as {@link Adam}
 * @see Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2
 * @example
 * ```ts
 * import { AdamW } from 'tfjs-convolutions/training';
 *
 * const kernel = tf.variable(tf.scalar(5), true, 'example/kernel');
 * const optimizer = new AdamW({ learningRate: 0.5, weightDecay: 0.1 });
 * optimizer.minimize(() => tf.square(kernel), false, [kernel]);
 * console.log(Math.abs(kernel.dataSync()[0] - 4.25) < 1e-5); // true
 * optimizer.dispose();
 * ```
 */
export class AdamW extends Adam {
  static override readonly className: string = 'Convolutions>AdamW';

  protected static override readonly defaults = { action: 'create AdamW', title: 'AdamW', weightDecay: 0.004 };

  override getClassName(): string {
    return AdamW.className;
  }

  override getConfig(): ReturnType<Adam['getConfig']> {
    return { ...super.getConfig(), weightDecay: this.plan.weightDecay };
  }
}
