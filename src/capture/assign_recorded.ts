/** Assignments of a replay. */
import * as tf from '@tensorflow/tfjs';

/**
 * Assigns a variable what was recorded, by the method of the class: that of the variable itself may change the value
 * first, as that of a weight with a constraint does, and what it computes is among the recorded kernels already.
 */
export function assignRecorded(variable: tf.Variable, value: tf.Tensor): void {
  tf.Variable.prototype.assign.call(variable, value);
}
