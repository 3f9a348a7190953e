/**
 * Base class of the optimizers: what they share of a step, and state per variable, saved and restored under the names that
 * the host's optimizers use.
 *
 * A step accumulates gradients, clips them, moves the variables by the rule of the optimizer, and averages them. All of it
 * runs the same kernels in every step, with other numbers where nothing is to change, so that a captured step is replayed.
 *
 * State belongs to a variable, not to a position in a list: a different set of variables (an unfrozen base, a second model,
 * a new head) starts with state of its own, and the same set in another order finds its state again. The number of steps is
 * shared by all variables, as in Keras; a variable that joins late therefore gets as little bias correction as the others.
 */
import * as tf from '@tensorflow/tfjs';
import type { LiveOptimizer } from '../capture/guards.js';
import { rangeError, typeError, type Action } from '../errors.js';
import { checkShape } from '../ops/checks.js';
import { clipGradients } from '../ops/clip_gradients/op.js';
import { weightedSums } from '../ops/weighted_sums/op.js';
import { checkNotNegative } from './checks.js';
import { readState, type NamedTensors, type RestoredState } from './optimizer_state.js';
import type { Schedule } from './schedules/schedule.js';
import { scheduledRate, type UpdatePlan } from './update_options.js';

/** Gradients of a step, by variable, in the forms that the host accepts. */
export type VariableGradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** One variable of a step. */
export interface VariableUpdate {
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor;
  /** State of the variable, one tensor per slot of the optimizer's rule. */
  readonly state: readonly tf.Variable[];
  /** Returns its learning rate; called at every step, replayed ones too. */
  readonly rate: () => number;
  /** Weight decay: 0 for a variable that does not decay. */
  readonly weightDecay: number;
}

/** Values of a variable after a step. */
export interface MovedVariable {
  readonly value: tf.Tensor;
  /** One tensor per slot of the optimizer's rule. */
  readonly state: readonly tf.Tensor[];
}

/** Numbers of a step, to be read at every step, replayed ones too. */
export interface UpdateNumbers {
  /** Returns the number of the update, from 1. */
  readonly step: () => number;
  /** Returns true in a step that only accumulates gradients; undefined if no step does. */
  readonly isIdle: (() => boolean) | undefined;
}

/** Slots of accumulated gradients and of averages, as Keras names them. */
const ACCUMULATOR = 'gradient_accumulator';
const AVERAGE = 'average';

/** Base class of the optimizers of this package. */
export abstract class VariableOptimizer extends tf.Optimizer implements LiveOptimizer {
  readonly hasLiveAttributes = true;
  private rate: number | Schedule;
  /** Names of the tensors that are kept for each variable: those of the rule first. */
  readonly slots: readonly string[];
  /** State of the variables that have been updated. */
  private readonly states = new Map<tf.Variable, readonly tf.Variable[]>();
  /** Restored state that no variable has claimed yet, by the name of the variable. */
  private readonly unclaimed = new Map<string, readonly tf.Variable[]>();
  /** Variables of the last step, in order. */
  private last: readonly tf.Variable[] = [];

  /**
   * @param title name of the optimizer in errors
   * @param ruleSlots names of the tensors that its rule keeps for each variable
   * @param plan checked options
   */
  protected constructor(
    private readonly title: string,
    private readonly ruleSlots: readonly string[],
    protected readonly plan: UpdatePlan,
  ) {
    super();
    this.rate = plan.learningRate;
    this.slots = [...ruleSlots, ...(plan.steps > 1 ? [ACCUMULATOR] : []), ...(plan.average ? [AVERAGE] : [])];
    this.iterations_ = 0;
  }

  /** Learning rate of the next step; may be changed between steps, which replaces a schedule. */
  get learningRate(): number {
    return typeof this.rate === 'number' ? this.rate : scheduledRate(this.action, this.rate, this.updates);
  }

  set learningRate(value: number) {
    this.rate = checkNotNegative(`change ${this.title}`, 'learningRate', value);
  }

  /** Number of finished updates: that of the steps, unless gradients are accumulated. */
  get updates(): number {
    return Math.floor(this.iterations / this.plan.steps);
  }

  /**
   * Computes the new values of the variables and their state. Numbers that change from step to step go to kernels as
   * functions, which a captured step calls again.
   */
  protected abstract move(updates: readonly VariableUpdate[], numbers: UpdateNumbers): readonly MovedVariable[];

  /** Minimizes as the host does, but leaks no tensor if the function throws. */
  override minimize(f: () => tf.Scalar, returnCost?: boolean, varList?: tf.Variable[]): tf.Scalar | null {
    const [cost = null] = tf.tidy(() => {
      const value = super.minimize(f, returnCost, varList);
      return value ? [value] : [];
    });
    return cost;
  }

  /**
   * Updates every variable by its gradient.
   *
   * @throws TypeError or RangeError, before anything is changed, if a gradient belongs to no variable or has another shape,
   * a variable appears twice, or restored state does not fit
   */
  override applyGradients(variableGradients: VariableGradients): void {
    const gradients = checkGradients(variableGradients);
    this.checkMultipliers();
    const variables = [...gradients.keys()];
    this.release();
    const claims = this.claim(variables);
    tf.tidy(() => {
      for (const variable of variables) {
        if (!this.states.has(variable)) this.states.set(variable, this.begin(variable, claims.get(variable)));
      }
      const updates = [...gradients].flatMap(([variable, gradient]) =>
        gradient ? [{ variable, gradient, state: this.states.get(variable)! }] : [],
      );
      if (updates.length > 0) this.update(updates);
    });
    this.last = variables;
    this.incrementIterations();
  }

  /** Runs a step, and assigns only after everything is computed. */
  private update(updates: readonly Pick<VariableUpdate, 'variable' | 'gradient' | 'state'>[]): void {
    const { steps, clip, average, multipliers, weightDecay, decays } = this.plan;
    const isIdle = steps > 1 ? (): boolean => (this.iterations + 1) % steps !== 0 : undefined;
    const slot = (name: string): tf.Variable[] => updates.map(({ state }) => state[this.slots.indexOf(name)]!);
    let gradients = updates.map(({ gradient }) => gradient);
    const accumulators = steps > 1 ? slot(ACCUMULATOR) : [];
    const sums =
      steps > 1 ? weightedSums(accumulators, gradients, () => (this.iterations % steps === 0 ? 0 : 1), 1 / steps) : [];
    if (steps > 1) gradients = sums;
    if (clip) gradients = clipGradients(gradients, clip);
    const moved = this.move(
      updates.map(({ variable, state }, index) => ({
        variable,
        gradient: gradients[index]!,
        state: state.slice(0, this.ruleSlots.length),
        rate: () => this.learningRate * (multipliers[variable.name] ?? 1),
        weightDecay: weightDecay > 0 && decays(variable.name) ? weightDecay : 0,
      })),
      { step: () => this.updates + 1, isIdle },
    );
    let values = moved.map(({ value }) => value);
    const averages = average ? slot(AVERAGE) : [];
    let means: tf.Tensor[] = [];
    if (average) {
      const { momentum, overwriteFrequency } = average;
      const keep = (): number => (isIdle?.() ? 1 : this.updates === 0 ? 0 : momentum);
      means = weightedSums(averages, values, keep, () => 1 - keep());
      if (overwriteFrequency !== undefined) {
        const isOverwritten = (): boolean => !isIdle?.() && (this.updates + 1) % overwriteFrequency === 0;
        values = weightedSums(
          values,
          means,
          () => (isOverwritten() ? 0 : 1),
          () => (isOverwritten() ? 1 : 0),
        );
      }
    }
    updates.forEach(({ variable, state }, index) => {
      variable.assign(values[index]!);
      moved[index]!.state.forEach((next, at) => {
        state[at]!.assign(next);
      });
      accumulators[index]?.assign(sums[index]!);
      averages[index]?.assign(means[index]!);
    });
  }

  /**
   * Assigns the averages to the variables, as Keras does at the end of `fit`; nothing happens without `useEma` or before
   * the first step.
   */
  finalizeVariableValues(): void {
    for (const [variable, average] of this.averages()) variable.assign(average);
  }

  /** Runs a function while the variables have the values of their averages. */
  async withAverages<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    const averages = this.averages();
    const kept = averages.map(([variable]) => tf.tidy(() => tf.keep(variable.clone())));
    this.finalizeVariableValues();
    try {
      return await run();
    } finally {
      averages.forEach(([variable], index) => {
        variable.assign(kept[index]!);
      });
      tf.dispose(kept);
    }
  }

  private averages(): (readonly [tf.Variable, tf.Variable])[] {
    if (!this.plan.average) return [];
    this.release();
    const at = this.slots.indexOf(AVERAGE);
    const restored = [...this.unclaimed].flatMap(([name, state]) => {
      const variable = tf.engine().registeredVariables[name];
      return variable && tf.util.arraysEqual(variable.shape, state[at]!.shape) ? [[variable, state] as const] : [];
    });
    return [...this.states, ...restored].map(([variable, state]) => [variable, state[at]!] as const);
  }

  /** Refuses a factor that would never be used, such as one for a misspelt name. */
  private checkMultipliers(): void {
    const unknown = Object.keys(this.plan.multipliers).find((name) => !tf.engine().registeredVariables[name]);
    if (unknown !== undefined) {
      throw rangeError(this.action, 'every multiplier must belong to a variable', 'name', unknown);
    }
  }

  /** Returns the number of steps, then slot by slot the tensors of all variables, those of the last step first, as the host. */
  override async getWeights(): Promise<NamedTensors> {
    this.release();
    const variables = new Set([...this.last.filter((variable) => this.states.has(variable)), ...this.states.keys()]);
    const states = [
      ...[...variables].map((variable) => [variable.name, this.states.get(variable)!] as const),
      ...this.unclaimed,
    ];
    return [
      await this.saveIterations(),
      ...this.slots.flatMap((slot, index) =>
        states.map(([name, state]) => ({ name: `${name}/${slot}`, tensor: state[index]! })),
      ),
    ];
  }

  /**
   * Restores state that `getWeights()` returned; the tensors are copied. Each variable claims its state by name at its next
   * step; a copy of a model in the same process, whose variables the host numbers (`dense/kernel_1`), claims that of the
   * original.
   *
   * @throws TypeError or RangeError, before anything is changed, if the tensors are not the state of such an optimizer
   */
  override async setWeights(weights: NamedTensors): Promise<void> {
    const { iterations, states }: RestoredState = await readState(`restore ${this.title}`, this.slots, weights);
    this.dispose();
    this.iterations_ = iterations;
    for (const [name, tensors] of states) {
      this.unclaimed.set(
        name,
        tensors.map((tensor) => tf.variable(tensor, false)),
      );
    }
  }

  override dispose(): void {
    tf.dispose([...this.states.values(), ...this.unclaimed.values()].flat());
    this.states.clear();
    this.unclaimed.clear();
    this.last = [];
  }

  /** Disposes the state of disposed variables; a new variable of the same name starts afresh. */
  private release(): void {
    for (const [variable, state] of this.states) {
      if (!variable.isDisposed) continue;
      tf.dispose([...state]);
      this.states.delete(variable);
    }
  }

  /** Finds the names under which variables claim restored state; throws if they do not match it. */
  private claim(variables: readonly tf.Variable[]): Map<tf.Variable, string> {
    const claims = new Map<tf.Variable, string>();
    if (this.unclaimed.size === 0) return claims;
    const names = new Set(variables.map(({ name }) => name));
    for (const variable of variables) {
      if (this.states.has(variable)) continue;
      const original = variable.name.replace(/_\d+$/, '');
      const name = this.unclaimed.has(variable.name) || names.has(original) ? variable.name : original;
      const shape = this.unclaimed.get(name)?.[0]?.shape;
      if (shape === undefined) continue;
      if (!tf.util.arraysEqual(shape, variable.shape)) {
        const rule = `the restored state of '${name}' must have the shape [${variable.shape.join(', ')}] of its variable`;
        throw rangeError(this.action, rule, 'shape', shape);
      }
      if ([...claims.values()].includes(name)) {
        throw rangeError(this.action, `only one variable can take the state of '${name}'`, 'variable', variable.name);
      }
      claims.set(variable, name);
    }
    const unknown = variables.find((variable) => !this.states.has(variable) && !claims.has(variable));
    const unused = [...this.unclaimed.keys()].find((name) => ![...claims.values()].includes(name));
    if (unknown !== undefined && unused !== undefined) {
      const rule = `every variable must have restored state until all of that state is in use ('${unused}' is not)`;
      throw rangeError(this.action, rule, 'variable', unknown.name);
    }
    return claims;
  }

  private get action(): Action {
    return `apply gradients by ${this.title}`;
  }

  /** Initial state of a variable: the restored state that it claims, or zeros, and its value as its average. */
  private begin(variable: tf.Variable, claimed: string | undefined): readonly tf.Variable[] {
    const restored = claimed === undefined ? undefined : this.unclaimed.get(claimed);
    if (claimed === undefined || restored === undefined) {
      return this.slots.map((slot) => tf.variable(slot === AVERAGE ? variable : tf.zerosLike(variable), false));
    }
    this.unclaimed.delete(claimed);
    return restored;
  }
}

/** Checks gradients and returns them by variable, in order; a variable that the loss does not depend on has none. */
function checkGradients(given: VariableGradients): Map<tf.Variable, tf.Tensor | undefined> {
  const action = 'apply gradients';
  if (typeof (given as unknown) !== 'object' || (given as unknown) === null) {
    throw typeError(action, 'gradients must be an object or a list of tensors by variable name', 'gradients', given);
  }
  const entries: readonly (readonly [string, tf.Tensor | null | undefined])[] = Array.isArray(given)
    ? given.map(({ name, tensor }) => [name, tensor])
    : Object.entries(given);
  const gradients = new Map<tf.Variable, tf.Tensor | undefined>();
  for (const [name, tensor] of entries) {
    const variable = tf.engine().registeredVariables[name];
    if (!variable) throw rangeError(action, 'every gradient must belong to a variable', 'name', name);
    if (gradients.has(variable)) throw rangeError(action, 'every variable must appear only once', 'name', name);
    if (tensor) checkShape(action, `the gradient of '${name}'`, tensor, variable.shape, 'of the variable');
    gradients.set(variable, tensor ?? undefined);
  }
  return gradients;
}
