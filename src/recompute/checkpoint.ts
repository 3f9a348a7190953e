/**
 * Recomputation of activations: the backward pass runs a function again instead of keeping what it computed (Chen et
 * al., "Training Deep Nets with Sublinear Memory Cost", 2016).
 */
import * as tf from '@tensorflow/tfjs';
import { isTensor } from '../support/tensor_tree.js';
import { typeError } from '../errors.js';
import { RecomputedCall, type Call } from './recomputed_call.js';
import { isTapeOn, tapeEngine } from './tape.js';

const ACTION = 'run a checkpointed function';

/**
 * Makes the backward pass compute a function again instead of keeping its activations: less memory, for one more forward
 * pass of the function. Only the arguments and the results are kept. Values and gradients are those of `f`.
 *
 * Variables that `f` reads get their gradients; if `f` returns several tensors, one that leads only to those that the loss
 * does not need has a gradient of zeros instead of none. Dropout draws the same masks again, and so does everything that draws
 * from `Math.random()`. Variables that `f` assigns, such as moving averages, are assigned once. Checkpointed functions
 * may contain each other and be captured, and their gradients may be differentiated.
 *
 * A tensor that `f` reads must be an argument, or live until the backward pass; a variable must keep its value until
 * then. Outside of a gradient, `f` runs as usual. Its intermediate tensors are disposed in either case.
 *
 * @param f synchronous function of tensors that returns a tensor, or lists and objects of tensors
 * @returns the function whose activations are computed again
 * @throws TypeError if `f` is not a function or returns a promise, or an argument is not a tensor; Error in the backward
 *   pass if a tensor that `f` reads has been disposed
 * @see Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016); torch.utils.checkpoint
 * @example
 * ```ts
 * const filter = tf.variable(tf.ones([3, 3, 1, 1])) as tf.Variable<tf.Rank.R4>;
 * const block = conv.checkpoint((x: tf.Tensor4D) => conv.conv2d(x, filter).square().tanh());
 * const { grads } = tf.variableGrads(() => block(tf.ones([1, 5, 5, 1])).sum(), [filter]);
 * console.log(grads[filter.name].shape); // [3, 3, 1, 1]
 * ```
 */
export function checkpoint<Args extends tf.Tensor[], Result extends tf.TensorContainer>(
  f: (...args: Args) => Result,
): (...args: Args) => Result {
  if (typeof (f as unknown) !== 'function') throw typeError('checkpoint', 'f must be a function', 'f', f);
  const call: Call = (args) => {
    const result: unknown = f(...(args as Args));
    if (!(result instanceof Promise)) return result as Result;
    result.catch(() => undefined);
    throw typeError(ACTION, 'the function must be synchronous', 'result', result);
  };
  return (...args) => {
    args.forEach((value: unknown, index) => {
      if (!isTensor(value)) throw typeError(ACTION, 'arguments must be tensors', `argument ${index}`, value);
    });
    const engine = tapeEngine();
    const result = isTapeOn(engine) ? new RecomputedCall(engine, ACTION, call, args).run() : tf.tidy(() => call(args));
    return result as Result;
  };
}
