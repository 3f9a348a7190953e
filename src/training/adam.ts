/**
 * Adam with one fused kernel a step. D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization",
 * arXiv 1412.6980, algorithm 1.
 *
 * The host's Adam keeps running powers of β and recomputes them when its state is restored, which rounds differently;
 * here the state is the two moments and an integer number of steps, so that a restored optimizer continues bit for bit.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, isPlainObject, typeError } from '../errors.js';
import { adamUpdates } from '../ops/adam_updates/op.js';
import { checkOptions, type OptionNames } from '../support/check_options.js';
import { checkBelowOne, checkNotNegative, checkPositive } from './checks.js';
import { updatesOf, variablesOf, type NamedTensors, type VariableGradients } from './variable_updates.js';

/** The options of `Adam`. */
export interface AdamOptions {
  /** Size of a step. @default 0.001 */
  learningRate?: number;
  /** Decay of the mean of gradients, in [0, 1). @default 0.9 */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). @default 0.999 */
  beta2?: number;
  /** Added to the root of the second moment. @default 1e-7 */
  epsilon?: number;
  /** Factors on the size of the steps of single variables, by their names. @default none */
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

/** The state of one variable. */
interface Moments {
  readonly name: string;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/**
 * Adam, for `model.compile({optimizer})` and for `optimizer.minimize()` alike.
 *
 * A model that was saved together with it loads with the host's own Adam of the same settings: class name, settings and
 * order of the weights are the same.
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
export class Adam extends tf.Optimizer {
  /** The host's name, so that a compiled model loads without this package's training part. */
  static readonly className = 'Adam';

  /** Size of the next step; may be changed between steps. */
  learningRate: number;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly multipliers: Readonly<Record<string, number>>;
  private moments: Moments[] = [];

  constructor(options: AdamOptions = {}) {
    super();
    checkOptions(ACTION, options, OPTIONS);
    const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, multipliers = {} } = options;
    this.learningRate = checkPositive(ACTION, 'learningRate', learningRate);
    this.beta1 = checkBelowOne(ACTION, 'beta1', beta1);
    this.beta2 = checkBelowOne(ACTION, 'beta2', beta2);
    this.epsilon = checkPositive(ACTION, 'epsilon', epsilon);
    if (!isPlainObject(multipliers)) {
      throw typeError(
        ACTION,
        'multipliers must be an object of factors by names of variables',
        'multipliers',
        multipliers,
      );
    }
    for (const [name, factor] of Object.entries(multipliers))
      checkNotNegative(ACTION, `multipliers['${name}']`, factor);
    this.multipliers = multipliers;
    this.iterations_ = 0;
  }

  /** Moves every variable against its gradient, given in the same order at every step. */
  override applyGradients(variableGradients: VariableGradients): void {
    const variables = variablesOf(variableGradients);
    this.incrementIterations();
    const updates = updatesOf(variables, variableGradients);
    tf.tidy(() => {
      for (const variable of variables.slice(this.moments.length)) this.moments.push(createMoments(variable));
      if (updates.length === 0) return;
      const inputs = updates.map(({ index, variable, gradient }) => {
        const { first, second } = this.moments[index]!;
        const learningRate = this.learningRate * (this.multipliers[variable.name] ?? 1);
        return { value: variable, gradient, firstMoment: first, secondMoment: second, learningRate };
      });
      const { beta1, beta2, epsilon, iterations: step } = this;
      adamUpdates(inputs, { beta1, beta2, epsilon, step }).forEach(({ value, firstMoment, secondMoment }, at) => {
        const { index, variable } = updates[at]!;
        variable.assign(value);
        this.moments[index]!.first.assign(firstMoment);
        this.moments[index]!.second.assign(secondMoment);
      });
    });
  }

  /** The number of steps, then the first moments, then the second moments, as the host's Adam orders them. */
  override async getWeights(): Promise<NamedTensors> {
    return [
      await this.saveIterations(),
      ...this.moments.map(({ name, first }) => ({ name: `${name}/m`, tensor: first })),
      ...this.moments.map(({ name, second }) => ({ name: `${name}/v`, tensor: second })),
    ];
  }

  /** Restores what `getWeights()` gave; the tensors are copied. */
  override async setWeights(weights: NamedTensors): Promise<void> {
    const moments = await this.extractIterations(weights);
    const count = moments.length / 2;
    checkInteger('restore Adam', 'number of moments / 2', count, 0);
    this.disposeMoments();
    this.moments = moments.slice(0, count).map(({ name, tensor }, index) => ({
      name: name.replace(/\/m$/, ''),
      first: tf.variable(tensor, false),
      second: tf.variable(moments[count + index]!.tensor, false),
    }));
  }

  override dispose(): void {
    this.disposeMoments();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  /** The optimizer of a configuration that `getConfig()` gave. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }

  private disposeMoments(): void {
    for (const { first, second } of this.moments) tf.dispose([first, second]);
    this.moments = [];
  }
}

function createMoments(variable: tf.Variable): Moments {
  return {
    name: variable.name,
    first: tf.variable(tf.zerosLike(variable), false),
    second: tf.variable(tf.zerosLike(variable), false),
  };
}
