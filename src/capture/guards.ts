/** Checks before each replay that JavaScript has not changed the state that a recording depends on. */
import * as tf from '@tensorflow/tfjs';
import type { Condition } from '../kernel/conditions.js';
import type { Recording } from './recording.js';
import { isVariable } from '../support/tensor_tree.js';

/** Settings of an optimizer that computes with them in JavaScript, such as its learning rate. */
type Settings = readonly (readonly [string, unknown])[];

/** Marks optimizers whose kernels have live attributes instead. */
export interface LiveOptimizer {
  readonly hasLiveAttributes: true;
}

/** State that must be as it was while the function was recorded. */
export class Guards {
  /** One that has been removed and registered again has another memory under the same name. */
  private readonly backend = tf.backend();
  private readonly tensors: readonly tf.Tensor[];
  private readonly trainable: readonly (readonly [tf.Variable, boolean])[];
  private readonly conditions: readonly Condition[];
  private readonly settings: ReadonlyMap<tf.Optimizer, Settings>;
  /** Variables that the function assigns. */
  private readonly assigned: ReadonlySet<tf.Tensor>;

  constructor({ values, steps, conditions }: Recording) {
    this.conditions = conditions;
    this.tensors = values.flatMap(({ origin }) => (origin.from === 'outside' ? [origin.tensor] : []));
    const assigned = steps.flatMap((step) => (step.kind === 'assign' ? [step.variable] : []));
    this.assigned = new Set(assigned);
    const variables = new Set([...this.tensors.filter((tensor) => isVariable(tensor)), ...assigned]);
    this.trainable = [...variables].map((variable) => [variable, variable.trainable]);
    const optimizers = new Set(steps.flatMap((step) => (step.kind === 'count' ? [step.optimizer] : [])));
    this.settings = new Map([...optimizers].map((optimizer) => [optimizer, settingsOf(optimizer)]));
  }

  /** True for a variable that the function assigns: as an argument, it has another value afterwards. */
  assigns(argument: tf.Tensor): boolean {
    return this.assigned.has(argument);
  }

  /** True if a replay would do what the function does now. */
  hold(): boolean {
    return (
      tf.backend() === this.backend &&
      this.tensors.every((tensor) => !tensor.isDisposed) &&
      this.conditions.every(({ holds, held }) => holds() === held) &&
      this.trainable.every(([variable, trainable]) => !variable.isDisposed && variable.trainable === trainable) &&
      [...this.settings].every(([optimizer, settings]) =>
        settings.every(([name, value]) => Object.is((optimizer as unknown as Record<string, unknown>)[name], value)),
      )
    );
  }
}

function settingsOf(optimizer: tf.Optimizer): Settings {
  if ((optimizer as Partial<LiveOptimizer>).hasLiveAttributes) return [];
  return Object.entries(optimizer).filter(
    ([name, value]) => name !== 'iterations_' && (typeof value !== 'object' || value === null),
  );
}
