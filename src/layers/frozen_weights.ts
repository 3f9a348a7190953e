/**
 * Detects that a model frozen as a whole trains after all. TensorFlow.js's `model.trainable = false` sets only the
 * flags of the weights, and a tf.Sequential unpacks a model that is its first layer and sets the flags again when it is
 * compiled: everything then trains, whereas in Keras nothing does. A layer sees only the flags of its weights, so it
 * warns, once per process.
 */
import type * as tf from '@tensorflow/tfjs';

/**
 * `frozen`: a model cleared the flags and no training step has followed. `released`: the flags were set again before
 * any training step. That is what a tf.Sequential does; deliberate unfreezing happens after a training step or sets
 * them twice.
 */
type State = 'settled' | 'frozen' | 'released';

let warned = false;

/** Tracks the `trainable` flags of one layer's weights. */
export class FrozenWeights {
  private state: State = 'settled';
  private watching = false;
  /** True if the user sets flags layer by layer, perhaps also weight by weight, and needs no warning. */
  private isSetByHand = false;

  /** Watches the flag of a weight; the first one represents all, since a model sets them alike. */
  watch(weight: tf.LayerVariable): void {
    if (this.watching) return;
    this.watching = true;
    const prototype: object = Object.getPrototypeOf(weight) as object;
    const host = Object.getOwnPropertyDescriptor(prototype, 'trainable')!;
    Object.defineProperty(weight, 'trainable', {
      configurable: true,
      get: () => host.get!.call(weight) as boolean,
      set: (trainable: boolean) => {
        host.set!.call(weight, trainable);
        this.state = trainable ? (this.state === 'frozen' ? 'released' : 'settled') : 'frozen';
      },
    });
  }

  /** Called when the layer's own flag is set; those of its weights follow from it. */
  settle(): void {
    this.state = 'settled';
    this.isSetByHand = true;
  }

  /** Called when the layer runs in training mode. */
  train(name: string): void {
    const { state } = this;
    this.state = 'settled';
    if (state !== 'released' || this.isSetByHand || warned) return;
    warned = true;
    console.warn(
      `The layer '${name}' trains although a model that contains it was frozen by \`trainable = false\`: a tf.Sequential ` +
        'whose first layer is a model unpacks it and makes all its weights trainable again. Call freeze(model) instead.',
    );
  }
}
