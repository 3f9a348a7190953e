/**
 * What a layer can know of a model that was frozen around it. The host's `model.trainable = false` sets the flags of
 * weights alone, and a tf.Sequential takes a model that stands first in it apart and sets them again when it is compiled:
 * everything then trains, where in Keras nothing does. The layer sees only its weights' flags, so it warns, once for all.
 */
import type * as tf from '@tensorflow/tfjs';

/**
 * `frozen`: a model has unset the flags and no step has been trained since. `released`: they were set again before any
 * step was. That is what a tf.Sequential does; whoever unfreezes in earnest has trained before or sets them twice.
 */
type State = 'settled' | 'frozen' | 'released';

let warned = false;

/** Flags of the trainable weights of one layer. */
export class FrozenWeights {
  private state: State = 'settled';
  private watching = false;
  /** Whether somebody sets flags layer by layer, and weight by weight perhaps, and needs no advice. */
  private isSetByHand = false;

  /** Follows the flag of a weight; the first one stands for all, which a model sets alike. */
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

  /** The layer's own flag was set: what its weights say follows from it. */
  settle(): void {
    this.state = 'settled';
    this.isSetByHand = true;
  }

  /** A call of the layer in training. */
  train(name: string): void {
    const { state } = this;
    this.state = 'settled';
    if (state !== 'released' || this.isSetByHand || warned) return;
    warned = true;
    console.warn(
      `The layer '${name}' trains although a model around it was frozen by \`trainable = false\`: a tf.Sequential takes ` +
        'a model that is its first layer apart and makes all its weights trainable again. Write freeze(model) instead.',
    );
  }
}
