/**
 * Adam with one fused kernel per step. D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization",
 * arXiv 1412.6980, algorithm 1.
 *
 * The host's Adam keeps running powers of β and recomputes them when its state is restored, which rounds differently;
 * here the state is the two moments and an integer number of steps, so that a restored optimizer continues bit for bit.
 */
import * as tf from '@tensorflow/tfjs';
import type { Action } from '../errors.js';
import { adamUpdates } from '../ops/adam_updates/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkPositive } from './checks.js';
import type { Schedule } from './schedules/schedule.js';
import { planUpdates, UPDATE_OPTIONS, withoutHost, type UpdateOptions } from './update_options.js';
import {
  VariableOptimizer,
  type MovedVariable,
  type UpdateNumbers,
  type VariableUpdate,
} from './variable_optimizer.js';

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions extends UpdateOptions {
  /** Learning rate, or a function of the number of finished updates. @default 0.001 */
  learningRate?: number | Schedule;
  /** Decay rate of the first moment, in [0, 1). @default 0.9 */
  beta1?: number;
  /** Decay rate of the second moment, in [0, 1). @default 0.999 */
  beta2?: number;
  /** Added to the square root of the second moment. @default 1e-7 */
  epsilon?: number;
}

/** Names in errors, and the default that differs between `Adam` and `AdamW`. */
interface AdamDefaults {
  readonly action: Action;
  readonly title: string;
  readonly weightDecay: number;
}

const OPTIONS: OptionNames<AdamOptions> = { ...UPDATE_OPTIONS, beta1: true, beta2: true, epsilon: true };

/**
 * Adam optimizer, for both `model.compile({optimizer})` and `optimizer.minimize()`.
 *
 * Moments are kept per variable, so a different set of variables starts with moments of its own. The number of steps, on
 * which the bias correction depends, is counted per optimizer, as in Keras.
 *
 * A model that was saved together with its optimizer can be loaded with the host's own Adam: class name, settings and order
 * of the weights are the same.
 *
 * @throws TypeError if an option is unknown or of the wrong kind, or two exclude each other; RangeError if the learning rate
 * or epsilon is not positive, a decay is outside [0, 1), or another option is out of range
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
  static readonly className: string = 'Adam';

  protected static readonly defaults: AdamDefaults = { action: 'create Adam', title: 'Adam', weightDecay: 0 };

  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;

  constructor(options: AdamOptions = {}) {
    const { action, title, weightDecay } = new.target.defaults;
    checkOptions(action, options, OPTIONS);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
    super(title, ['m', 'v'], planUpdates(action, options, { learningRate: 0.001, weightDecay }));
    this.beta1 = checkBelowOne(action, 'beta1', beta1);
    this.beta2 = checkBelowOne(action, 'beta2', beta2);
    this.epsilon = checkPositive(action, 'epsilon', epsilon);
  }

  protected override move(updates: readonly VariableUpdate[], { step, isIdle }: UpdateNumbers): MovedVariable[] {
    const inputs = updates.map(({ variable, gradient, state, rate, weightDecay }) => {
      const [firstMoment, secondMoment] = state as [tf.Variable, tf.Variable];
      return { value: variable, gradient, firstMoment, secondMoment, learningRate: rate, weightDecay };
    });
    const { beta1, beta2, epsilon } = this;
    const results = adamUpdates(inputs, { beta1, beta2, epsilon, step, isIdle });
    return results.map(({ value, firstMoment, secondMoment }) => ({ value, state: [firstMoment, secondMoment] }));
  }

  /** The host's name, unless options are set that the host's optimizer lacks. */
  override getClassName(): string {
    return Object.keys(this.plan.extra).length > 0 ? 'Convolutions>Adam' : 'Adam';
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, beta1, beta2, epsilon } = this;
    return { learningRate, beta1, beta2, epsilon, ...this.plan.extra };
  }

  /** Creates an optimizer from a configuration that `getConfig()` returned. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(withoutHost(config));
  }
}
