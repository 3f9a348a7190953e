/**
 * Gradient descent, with momentum where wanted, as one fused kernel a step (two with momentum), where the host runs two to
 * four for every variable.
 */
import * as tf from '@tensorflow/tfjs';
import { weightedSums } from '../ops/weighted_sums/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkBoolean, checkPositive } from './checks.js';
import { updatesOf, variablesOf, type NamedTensors, type VariableGradients } from './variable_updates.js';

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

/** The sum of decayed gradients of one variable. */
interface Accumulation {
  readonly name: string;
  readonly sum: tf.Variable;
}

/**
 * Stochastic gradient descent, for `model.compile({optimizer})` and for `optimizer.minimize()` alike.
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
export class SGD extends tf.Optimizer {
  static readonly className = 'SGD';

  /** Size of the next step; may be changed between steps. */
  learningRate: number;
  private readonly momentum: number;
  private readonly nesterov: boolean;
  private accumulations: Accumulation[] = [];

  constructor(options: SGDOptions = {}) {
    super();
    checkOptions(ACTION, options, OPTIONS);
    const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
    this.learningRate = checkPositive(ACTION, 'learningRate', learningRate);
    this.momentum = checkBelowOne(ACTION, 'momentum', momentum);
    this.nesterov = checkBoolean(ACTION, 'nesterov', nesterov);
    this.iterations_ = 0;
  }

  /** Moves every variable against its gradient, given in the same order at every step. */
  override applyGradients(variableGradients: VariableGradients): void {
    const variables = variablesOf(variableGradients);
    this.incrementIterations();
    const updates = updatesOf(variables, variableGradients);
    tf.tidy(() => {
      if (this.momentum > 0) {
        for (const variable of variables.slice(this.accumulations.length)) {
          this.accumulations.push({ name: variable.name, sum: tf.variable(tf.zerosLike(variable), false) });
        }
      }
      if (updates.length === 0) return;
      const gradients = updates.map(({ gradient }) => gradient);
      const sums = updates.map(({ index }) => this.accumulations[index]?.sum);
      const steps = this.momentum > 0 ? this.accumulate(sums as tf.Variable[], gradients) : gradients;
      const values = updates.map(({ variable }) => variable);
      weightedSums(values, steps, 1, -this.learningRate).forEach((value, at) => {
        values[at]!.assign(value);
      });
    });
  }

  /** Adds the gradients to the sums; the directions to go. */
  private accumulate(sums: readonly tf.Variable[], gradients: readonly tf.Tensor[]): tf.Tensor[] {
    const next = weightedSums(sums, gradients, this.momentum, 1);
    const steps = this.nesterov ? weightedSums(gradients, next, 1, this.momentum) : next;
    next.forEach((sum, at) => {
      sums[at]!.assign(sum);
    });
    return steps;
  }

  /** The number of steps, then the sums of momentum, as the host orders them. */
  override async getWeights(): Promise<NamedTensors> {
    return [
      await this.saveIterations(),
      ...this.accumulations.map(({ name, sum }) => ({ name: `${name}/momentum`, tensor: sum })),
    ];
  }

  /** Restores what `getWeights()` gave; the tensors are copied. */
  override async setWeights(weights: NamedTensors): Promise<void> {
    const sums = await this.extractIterations(weights);
    this.dispose();
    this.accumulations = sums.map(({ name, tensor }) => ({
      name: name.replace(/\/momentum$/, ''),
      sum: tf.variable(tensor, false),
    }));
  }

  override dispose(): void {
    for (const { sum } of this.accumulations) sum.dispose();
    this.accumulations = [];
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
