/** Works of the workers that run TensorFlow.js. */
import type * as tf from '@tensorflow/tfjs';
import type { Params } from '../support/question.js';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

export interface Work {
  /** What is made anew for each run; not timed. */
  readonly before?: () => void;
  /** The timed part. Its tensors are its results, in the order of the other sides'. */
  readonly run: () => tf.Tensor[];
  /** The figure of a run where it is not its time. */
  readonly measure?: () => number;
  /** What is compared with other sides, where it is not what a run returns. */
  readonly check?: () => tf.Tensor[];
  readonly release?: () => void;
  readonly data?: unknown;
}

export type MakeWork = (inputs: Tensors, params: Params) => Work | Promise<Work>;

export type Works = Readonly<Record<string, MakeWork>>;
