/**
 * Adam with one fused kernel per step. D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization",
 * arXiv 1412.6980, algorithm 1.
 *
 * The host's Adam keeps running powers of β and recomputes them when its state is restored, which rounds differently;
 * here the state is the two moments and an integer number of steps, so that a restored optimizer continues bit for bit.
 */
import * as tf from '@tensorflow/tfjs';
import { isPlainObject, rangeError, typeError } from '../errors.js';
import { adamUpdates } from '../ops/adam_updates/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkNotNegative, checkPositive } from './checks.js';
import { VariableOptimizer, type VariableUpdate } from './variable_optimizer.js';

/** Options of `Adam`. */
export interface AdamOptions {
  /** Learning rate. @default 0.001 */
  learningRate?: number;
  /** Decay rate of the first moment, in [0, 1). @default 0.9 */
  beta1?: number;
  /** Decay rate of the second moment, in [0, 1). @default 0.999 */
  beta2?: number;
  /** Added to the square root of the second moment. @default 1e-7 */
  epsilon?: number;
  /** Learning rate multipliers of individual variables, by name. @default none */
  multipliers?: Readonly<Record<string, number>>;
}

const ACTION = 'create Adam';

const OPTIONS: OptionNames<AdamOptions> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  multipliers: true,
};

/**
 * Adam optimizer, for both `model.compile({optimizer})` and `optimizer.minimize()`.
 *
 * Moments are kept per variable, so a different set of variables starts with moments of its own. The number of steps, on
 * which the bias correction depends, is counted per optimizer, as in Keras.
 *
 * A model that was saved together with its optimizer can be loaded with the host's own Adam: class name, settings and order
 * of the weights are the same.
 *
 * @throws TypeError if an option is unknown or of the wrong kind; RangeError if the learning rate or epsilon is not
 * positive, or a decay is outside [0, 1)
 * @see Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1
 * @example
 * ```ts
 * import { Adam } from 'tfjs-convolutions/training';
 *
 * const x = tf.variable(tf.scalar(5));
 * const optimizer = new Adam({ learningRate: 0.5 });
 * optimizer.minimize(() => tf.square(x), false, [x]);
 * console.log(Math.abs(x.dataSync()[0] - 4.5) < 1e-5); // true
 * optimizer.dispose();
 * ```
 */
export class Adam extends VariableOptimizer {
  /** Equal to the host's, so that a compiled model can be loaded without the training part of this package. */
  static readonly className = 'Adam';

  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly multipliers: Readonly<Record<string, number>>;

  constructor(options: AdamOptions = {}) {
    checkOptions(ACTION, options, OPTIONS);
    const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, multipliers = {} } = options;
    super('Adam', ['m', 'v'], checkPositive(ACTION, 'learningRate', learningRate));
    this.beta1 = checkBelowOne(ACTION, 'beta1', beta1);
    this.beta2 = checkBelowOne(ACTION, 'beta2', beta2);
    this.epsilon = checkPositive(ACTION, 'epsilon', epsilon);
    if (!isPlainObject(multipliers)) {
      throw typeError(ACTION, 'multipliers must be an object of factors by variable name', 'multipliers', multipliers);
    }
    for (const [name, factor] of Object.entries(multipliers)) {
      checkNotNegative(ACTION, `multipliers['${name}']`, factor);
    }
    this.multipliers = multipliers;
  }

  protected override move(updates: readonly VariableUpdate[], step: () => number): void {
    this.checkMultipliers();
    const inputs = updates.map(({ variable, gradient, state }) => {
      const [firstMoment, secondMoment] = state as [tf.Variable, tf.Variable];
      const multiplier = this.multipliers[variable.name] ?? 1;
      const learningRate = (): number => this.learningRate * multiplier;
      return { value: variable, gradient, firstMoment, secondMoment, learningRate };
    });
    const { beta1, beta2, epsilon } = this;
    adamUpdates(inputs, { beta1, beta2, epsilon, step }).forEach((result, at) => {
      const { value, firstMoment, secondMoment } = inputs[at]!;
      value.assign(result.value);
      firstMoment.assign(result.firstMoment);
      secondMoment.assign(result.secondMoment);
    });
  }

  /** Refuses a factor that would never be used, such as one for a misspelt name. */
  private checkMultipliers(): void {
    const unknown = Object.keys(this.multipliers).find((name) => !tf.engine().registeredVariables[name]);
    if (unknown !== undefined) {
      throw rangeError('apply gradients by Adam', 'every multiplier must belong to a variable', 'name', unknown);
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  /** Creates an optimizer from a configuration that `getConfig()` returned. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }
}
