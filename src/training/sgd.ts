/**
 * Gradient descent, with momentum where wanted, as one fused kernel a step (two with momentum), where the host runs two to
 * four for every variable.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../errors.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkPositive } from './checks.js';
import { VariableOptimizer, type VariableUpdate } from './variable_optimizer.js';

/** The options of `SGD`. */
export interface SGDOptions {
  /** Factor on the gradient. @default 0.01 */
  learningRate?: number;
  /** How much of the last step each step keeps, in [0, 1). @default 0 */
  momentum?: number;
  /** Looks ahead by the momentum (Nesterov). @default false */
  nesterov?: boolean;
}

const ACTION = 'create SGD';

const OPTIONS: OptionNames<SGDOptions> = { learningRate: true, momentum: true, nesterov: true };

/**
 * Stochastic gradient descent, for `model.compile({optimizer})` and for `optimizer.minimize()` alike.
 *
 * The sums of momentum belong to the variables: another set of variables has sums of its own.
 *
 * With momentum m: sum = m · sum + gradient, value −= learningRate · sum, or with Nesterov's
 * value −= learningRate · (gradient + m · sum). A model that was saved together with it loads with the host's own
 * optimizer of the same settings.
 *
 * @throws TypeError if an option is unknown or of the wrong kind; RangeError if the learning rate is not positive, or the
 * momentum is outside [0, 1)
 * @see Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), section 2
 * @example
 * ```ts
 * import { SGD } from 'tfjs-convolutions/training';
 *
 * const x = tf.variable(tf.scalar(5));
 * const optimizer = new SGD({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(x), false, [x]);
 * console.log(x.dataSync()[0]); // 4
 * optimizer.dispose();
 * ```
 */
export class SGD extends VariableOptimizer {
  static readonly className = 'SGD';

  private readonly momentum: number;
  private readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    checkOptions(ACTION, options, OPTIONS);
    const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
    checkPositive(ACTION, 'learningRate', learningRate);
    super('SGD', checkBelowOne(ACTION, 'momentum', momentum) > 0 ? ['momentum'] : [], learningRate);
    this.momentum = momentum;
    this.nesterov = checkBoolean(ACTION, 'nesterov', nesterov);
  }

  protected override move(updates: readonly VariableUpdate[]): void {
    const gradients = updates.map(({ gradient }) => gradient);
    const values = updates.map(({ variable }) => variable);
    const sums = updates.flatMap(({ state }) => state);
    const next = sums.length > 0 ? weightedSums(sums, gradients, this.momentum, 1) : [];
    const plain = sums.length > 0 ? next : gradients;
    const steps = sums.length > 0 && this.nesterov ? weightedSums(gradients, next, 1, this.momentum) : plain;
    const moved = weightedSums(values, steps, 1, -this.learningRate);
    next.forEach((sum, at) => {
      sums[at]!.assign(sum);
    });
    moved.forEach((value, at) => {
      values[at]!.assign(value);
    });
  }

  /** The host's name of the method, so that a compiled model loads without this package's training part. */
  override getClassName(): string {
    return this.momentum > 0 ? 'Momentum' : 'SGD';
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, momentum, nesterov } = this;
    return momentum > 0 ? { learningRate, momentum, useNesterov: nesterov } : { learningRate };
  }

  /** The optimizer of a configuration that `getConfig()` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { learningRate, momentum, useNesterov }: tf.serialization.ConfigDict,
  ): T {
    return new cls({ learningRate, momentum, nesterov: useNesterov });
  }
}
