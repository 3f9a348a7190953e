/**
 * Stochastic gradient descent, optionally with momentum, as one fused kernel per step (two with momentum), where the host
 * runs two to four per variable.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../errors.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkPositive } from './checks.js';
import { VariableOptimizer, type VariableUpdate } from './variable_optimizer.js';

/** Options of `SGD`. */
export interface SGDOptions {
  /** Learning rate. @default 0.01 */
  learningRate?: number;
  /** Momentum, in [0, 1). @default 0 */
  momentum?: number;
  /** Whether to use Nesterov momentum. @default false */
  nesterov?: boolean;
}

const ACTION = 'create SGD';

const OPTIONS: OptionNames<SGDOptions> = { learningRate: true, momentum: true, nesterov: true };

/**
 * Stochastic gradient descent, for both `model.compile({optimizer})` and `optimizer.minimize()`.
 *
 * Velocities are kept per variable, so a different set of variables starts with velocities of its own.
 *
 * With momentum m: velocity = m · velocity + gradient, value −= learningRate · velocity, or with Nesterov momentum
 * value −= learningRate · (gradient + m · velocity). A model that was saved together with its optimizer can be loaded with
 * the host's own optimizer.
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
    const velocities = updates.flatMap(({ state }) => state);
    const newVelocities = velocities.length > 0 ? weightedSums(velocities, gradients, this.momentum, 1) : [];
    const plain = velocities.length > 0 ? newVelocities : gradients;
    const steps =
      velocities.length > 0 && this.nesterov ? weightedSums(gradients, newVelocities, 1, this.momentum) : plain;
    const newValues = weightedSums(values, steps, 1, () => -this.learningRate);
    newVelocities.forEach((velocity, index) => {
      velocities[index]!.assign(velocity);
    });
    newValues.forEach((value, index) => {
      values[index]!.assign(value);
    });
  }

  /** Equal to the host's, so that a compiled model can be loaded without the training part of this package. */
  override getClassName(): string {
    return this.momentum > 0 ? 'Momentum' : 'SGD';
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, momentum, nesterov } = this;
    return momentum > 0 ? { learningRate, momentum, useNesterov: nesterov } : { learningRate };
  }

  /** Creates an optimizer from a configuration that `getConfig()` returned. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { learningRate, momentum, useNesterov }: tf.serialization.ConfigDict,
  ): T {
    return new cls({ learningRate, momentum, nesterov: useNesterov });
  }
}
