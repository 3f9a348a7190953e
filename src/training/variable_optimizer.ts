/**
 * Base class of the optimizers: state per variable, saved and restored under the names that the host's optimizers use.
 *
 * State belongs to a variable, not to a position in a list: a different set of variables (an unfrozen base, a second model,
 * a new head) starts with state of its own, and the same set in another order finds its state again. The number of steps is
 * shared by all variables, as in Keras; a variable that joins late therefore gets as little bias correction as the others.
 */
import * as tf from '@tensorflow/tfjs';
import type { LiveOptimizer } from '../capture/guards.js';
import { rangeError, typeError, type Action } from '../errors.js';
import { checkShape } from '../ops/checks.js';
import { checkNotNegative } from './checks.js';
import { readState, type NamedTensors, type RestoredState } from './optimizer_state.js';

/** Gradients of a step, by variable, in the forms that the host accepts. */
export type VariableGradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** One variable of a step. */
export interface VariableUpdate {
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor;
  /** State of the variable, one tensor per slot. */
  readonly state: readonly tf.Variable[];
}

/** Base class of the optimizers of this package. */
export abstract class VariableOptimizer extends tf.Optimizer implements LiveOptimizer {
  readonly hasLiveAttributes = true;
  private rate: number;
  /** State of the variables that have been updated. */
  private readonly states = new Map<tf.Variable, readonly tf.Variable[]>();
  /** Restored state that no variable has claimed yet, by the name of the variable. */
  private readonly unclaimed = new Map<string, readonly tf.Variable[]>();
  /** Variables of the last step, in order. */
  private last: readonly tf.Variable[] = [];

  /**
   * @param title name of the optimizer in errors
   * @param slots names of the tensors to keep for each variable
   */
  protected constructor(
    private readonly title: string,
    private readonly slots: readonly string[],
    learningRate: number,
  ) {
    super();
    this.rate = learningRate;
    this.iterations_ = 0;
  }

  /** Learning rate of the next step; may be changed between steps. */
  get learningRate(): number {
    return this.rate;
  }

  set learningRate(value: number) {
    this.rate = checkNotNegative(`change ${this.title}`, 'learningRate', value);
  }

  /**
   * Updates the variables and their state; assigns only after everything is computed. Numbers that change from step to step
   * go to kernels as functions, which a captured step calls again.
   *
   * @param step returns the number of the step, from 1
   */
  protected abstract move(updates: readonly VariableUpdate[], step: () => number): void;

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
      if (updates.length > 0) this.move(updates, () => this.iterations + 1);
    });
    this.last = variables;
    this.incrementIterations();
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

  /** Initial state of a variable: the restored state that it claims, or zeros. */
  private begin(variable: tf.Variable, claimed: string | undefined): readonly tf.Variable[] {
    const restored = claimed === undefined ? undefined : this.unclaimed.get(claimed);
    if (claimed === undefined || restored === undefined) {
      return this.slots.map(() => tf.variable(tf.zerosLike(variable), false));
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
