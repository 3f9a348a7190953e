/** What optimizers share: from the host's gradients by name to the variables that they move. */
import * as tf from '@tensorflow/tfjs';
import { rangeError } from '../errors.js';

export type VariableGradients = Parameters<tf.Optimizer['applyGradients']>[0];
export type NamedTensors = Awaited<ReturnType<tf.Optimizer['getWeights']>>;

/** One variable of a step. */
export interface VariableUpdate {
  /** Place among all variables of the step, the same at every step. */
  readonly index: number;
  readonly variable: tf.Variable;
  readonly gradient: tf.Tensor;
}

/** All variables of a step, in the same order at every step. */
export function variablesOf(gradients: VariableGradients): tf.Variable[] {
  const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
  return names.map((name) => {
    const variable = tf.engine().registeredVariables[name];
    if (!variable) throw rangeError('apply gradients', 'every gradient must belong to a variable', 'name', name);
    return variable;
  });
}

/** The variables that the loss reaches; another one has no gradient and stays. */
export function updatesOf(variables: readonly tf.Variable[], gradients: VariableGradients): VariableUpdate[] {
  const tensors: (tf.Tensor | undefined)[] = Array.isArray(gradients)
    ? gradients.map(({ tensor }) => tensor)
    : Object.values(gradients);
  return variables.flatMap((variable, index) => {
    const gradient = tensors[index];
    return gradient ? [{ index, variable, gradient }] : [];
  });
}
