/**
 * Base of the optimizers: state by variable, saved and restored under the names that the host's optimizers use.
 *
 * State belongs to one variable, never to a place in a list: another set of variables (a base that is unfrozen, a second
 * model, a new head) begins with state of its own, and a set in another order finds its own again. The number of steps is
 * shared by all variables, as in Keras; a variable that joins late is therefore corrected for bias as little as the others.
 */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../errors.js';
import { checkShape } from '../ops/checks.js';
import { checkNotNegative } from './checks.js';
import { readState, type NamedTensors, type RestoredState } from './optimizer_state.js';

export type VariableGradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** One variable of a step. */
export interface VariableUpdate {
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor;
  /** Its state, one tensor for each slot. */
  readonly state: readonly tf.Variable[];
}

/** What every optimizer of this package is. */
export abstract class VariableOptimizer extends tf.Optimizer {
  private rate: number;
  /** The state of variables that took part in a step. */
  private readonly states = new Map<tf.Variable, readonly tf.Variable[]>();
  /** Restored state that no variable has asked for yet, by the variable's name. */
  private readonly waiting = new Map<string, readonly tf.Variable[]>();
  /** The variables of the last step, in its order. */
  private last: readonly tf.Variable[] = [];

  /**
   * @param title what errors call the optimizer
   * @param slots names of the tensors that it keeps for each variable
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

  /** Size of the next step; may be changed between steps. */
  get learningRate(): number {
    return this.rate;
  }

  set learningRate(value: number) {
    this.rate = checkNotNegative(`change ${this.title}`, 'learningRate', value);
  }

  /** Moves the variables and their state by step number `step`, counted from 1; it assigns after all is computed. */
  protected abstract move(updates: readonly VariableUpdate[], step: number): void;

  /** Minimizes as the host does; nothing stays behind where it throws. */
  override minimize(f: () => tf.Scalar, returnCost?: boolean, varList?: tf.Variable[]): tf.Scalar | null {
    const [cost = null] = tf.tidy(() => {
      const value = super.minimize(f, returnCost, varList);
      return value ? [value] : [];
    });
    return cost;
  }

  /**
   * Moves every variable against its gradient.
   *
   * @throws TypeError or RangeError, before anything is changed, if a gradient belongs to no variable or has another shape,
   * a variable stands twice, or restored state does not fit
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
      if (updates.length > 0) this.move(updates, this.iterations + 1);
    });
    this.last = variables;
    this.incrementIterations();
  }

  /** The number of steps, then every slot of all variables, those of the last step first, as the host orders them. */
  override async getWeights(): Promise<NamedTensors> {
    this.release();
    const variables = new Set([...this.last.filter((variable) => this.states.has(variable)), ...this.states.keys()]);
    const states = [
      ...[...variables].map((variable) => [variable.name, this.states.get(variable)!] as const),
      ...this.waiting,
    ];
    return [
      await this.saveIterations(),
      ...this.slots.flatMap((slot, index) =>
        states.map(([name, state]) => ({ name: `${name}/${slot}`, tensor: state[index]! })),
      ),
    ];
  }

  /**
   * Restores what `getWeights()` gave; the tensors are copied. Each variable takes its state by its name at its next step; a
   * copy of a model in the same process, whose variables the host numbers (`dense/kernel_1`), takes that of the original.
   *
   * @throws TypeError or RangeError, before anything is changed, if the tensors are not the state of such an optimizer
   */
  override async setWeights(weights: NamedTensors): Promise<void> {
    const { iterations, states }: RestoredState = await readState(`restore ${this.title}`, this.slots, weights);
    this.dispose();
    this.iterations_ = iterations;
    for (const [name, tensors] of states) {
      this.waiting.set(
        name,
        tensors.map((tensor) => tf.variable(tensor, false)),
      );
    }
  }

  override dispose(): void {
    tf.dispose([...this.states.values(), ...this.waiting.values()].flat());
    this.states.clear();
    this.waiting.clear();
    this.last = [];
  }

  /** Frees the state of variables that are gone; another variable under such a name begins anew. */
  private release(): void {
    for (const [variable, state] of this.states) {
      if (!variable.isDisposed) continue;
      tf.dispose([...state]);
      this.states.delete(variable);
    }
  }

  /** The names of the restored states that the variables take; refuses a set that they do not fit. */
  private claim(variables: readonly tf.Variable[]): Map<tf.Variable, string> {
    const claims = new Map<tf.Variable, string>();
    if (this.waiting.size === 0) return claims;
    const names = new Set(variables.map(({ name }) => name));
    for (const variable of variables) {
      if (this.states.has(variable)) continue;
      const original = variable.name.replace(/_\d+$/, '');
      const name = this.waiting.has(variable.name) || names.has(original) ? variable.name : original;
      const shape = this.waiting.get(name)?.[0]?.shape;
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
    const unclaimed = [...this.waiting.keys()].find((name) => ![...claims.values()].includes(name));
    if (unknown !== undefined && unclaimed !== undefined) {
      const rule = `every variable must be one of the restored state until all of that is in use ('${unclaimed}' is not)`;
      throw rangeError(this.action, rule, 'variable', unknown.name);
    }
    return claims;
  }

  private get action(): Action {
    return `apply gradients by ${this.title}`;
  }

  /** The state that a variable begins with: what it claims, or zeros. */
  private begin(variable: tf.Variable, claimed: string | undefined): readonly tf.Variable[] {
    const restored = claimed === undefined ? undefined : this.waiting.get(claimed);
    if (claimed === undefined || restored === undefined) {
      return this.slots.map(() => tf.variable(tf.zerosLike(variable), false));
    }
    this.waiting.delete(claimed);
    return restored;
  }
}

/** The variables of a step with their gradients, in order; one that the loss does not reach has none and stays. */
function checkGradients(given: VariableGradients): Map<tf.Variable, tf.Tensor | undefined> {
  const action = 'apply gradients';
  if (typeof (given as unknown) !== 'object' || (given as unknown) === null) {
    throw typeError(action, 'gradients must be an object or a list by names of variables', 'gradients', given);
  }
  const entries: readonly (readonly [string, tf.Tensor | null | undefined])[] = Array.isArray(given)
    ? given.map(({ name, tensor }) => [name, tensor])
    : Object.entries(given);
  const gradients = new Map<tf.Variable, tf.Tensor | undefined>();
  for (const [name, tensor] of entries) {
    const variable = tf.engine().registeredVariables[name];
    if (!variable) throw rangeError(action, 'every gradient must belong to a variable', 'name', name);
    if (gradients.has(variable)) throw rangeError(action, 'every variable must stand once', 'name', name);
    if (tensor) checkShape(action, `the gradient of '${name}'`, tensor, variable.shape, 'of the variable');
    gradients.set(variable, tensor ?? undefined);
  }
  return gradients;
}
