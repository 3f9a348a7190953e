/**
 * Stochastic gradient descent, optionally with momentum, as one fused kernel per step (two with momentum), where the host
 * runs two to four per variable.
 */
import type * as tf from '@tensorflow/tfjs';
import { checkBoolean } from '../errors.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne } from './checks.js';
import type { Schedule } from './schedules/schedule.js';
import { planUpdates, UPDATE_OPTIONS, withoutHost, type UpdateOptions } from './update_options.js';
import {
  VariableOptimizer,
  type MovedVariable,
  type UpdateNumbers,
  type VariableUpdate,
} from './variable_optimizer.js';

/** Options of `SGD`. */
export interface SGDOptions extends UpdateOptions {
  /** Learning rate, or a function of the number of finished updates. @default 0.01 */
  learningRate?: number | Schedule;
  /** Momentum, in [0, 1). @default 0 */
  momentum?: number;
  /** Whether to use Nesterov momentum. @default false */
  nesterov?: boolean;
}

const ACTION = 'create SGD';

const OPTIONS: OptionNames<SGDOptions> = { ...UPDATE_OPTIONS, momentum: true, nesterov: true };

/**
 * Stochastic gradient descent, for both `model.compile({optimizer})` and `optimizer.minimize()`.
 *
 * Velocities are kept per variable, so a different set of variables starts with velocities of its own.
 *
 * With momentum m: velocity = m · velocity + gradient, value −= learningRate · velocity, or with Nesterov momentum
 * value −= learningRate · (gradient + m · velocity). A model that was saved together with its optimizer can be loaded with
 * the host's own optimizer.
 *
 * @throws TypeError if an option is unknown or of the wrong kind, or two exclude each other; RangeError if the learning rate
 * is not positive, the momentum is outside [0, 1), or another option is out of range
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
    const { momentum = 0, nesterov = false } = options;
    const slots = checkBelowOne(ACTION, 'momentum', momentum) > 0 ? ['momentum'] : [];
    super('SGD', slots, planUpdates(ACTION, options, { learningRate: 0.01, weightDecay: 0 }));
    this.momentum = momentum;
    this.nesterov = checkBoolean(ACTION, 'nesterov', nesterov);
  }

  protected override move(updates: readonly VariableUpdate[], { isIdle }: UpdateNumbers): MovedVariable[] {
    const gradients = updates.map(({ gradient }) => gradient);
    const velocities = updates.flatMap(({ state }) => state);
    const newVelocities = velocities.length > 0 ? this.accelerated(velocities, gradients, isIdle) : [];
    const plain = velocities.length > 0 ? newVelocities : gradients;
    const steps =
      velocities.length > 0 && this.nesterov ? weightedSums(gradients, newVelocities, 1, this.momentum) : plain;
    const rates = (): number[] => updates.map(({ rate }) => (isIdle?.() ? 0 : rate()));
    const isDecaying = updates.some(({ weightDecay }) => weightDecay > 0);
    const keeps = (): number[] => rates().map((rate, index) => 1 - rate * updates[index]!.weightDecay);
    const values = weightedSums(
      updates.map(({ variable }) => variable),
      steps,
      isDecaying ? keeps : 1,
      () => rates().map((rate) => -rate),
    );
    return values.map((value, index) => ({ value, state: newVelocities.slice(index, index + 1) }));
  }

  /** Velocities after a step: momentum · velocity + gradient, or as they were in an idle one. */
  private accelerated(
    velocities: readonly tf.Tensor[],
    gradients: readonly tf.Tensor[],
    isIdle: UpdateNumbers['isIdle'],
  ): tf.Tensor[] {
    if (!isIdle) return weightedSums(velocities, gradients, this.momentum, 1);
    return weightedSums(
      velocities,
      gradients,
      () => (isIdle() ? 1 : this.momentum),
      () => (isIdle() ? 0 : 1),
    );
  }

  /** The host's name, unless options are set that the host's optimizer lacks. */
  override getClassName(): string {
    if (Object.keys(this.plan.extra).length > 0) return 'Convolutions>SGD';
    return this.momentum > 0 ? 'Momentum' : 'SGD';
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, momentum, nesterov } = this;
    const own = momentum > 0 ? { learningRate, momentum, useNesterov: nesterov } : { learningRate };
    return { ...own, ...this.plan.extra };
  }

  /** Creates an optimizer from a configuration that `getConfig()` returned. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { useNesterov: nesterov, ...own } = withoutHost(config);
    return new cls({ ...own, ...(nesterov !== undefined && { nesterov }) });
  }
}
