/** Errors of batchNorm and batchNormInference for invalid arguments. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { anything, testRefusals, type Refusal } from '../support/refusals.js';

const NORMALIZATION: readonly Refusal[] = [
  {
    title: 'batchNorm() of a 1-D tensor',
    call: () => conv.batchNorm(tf.ones([5])),
    type: RangeError,
    message: 'Cannot run batchNorm: x must have rank 2 or 3 or 4 or 5, received x.shape = [5]',
  },
  {
    title: 'batchNorm() of an int32 tensor',
    call: () => conv.batchNorm(tf.ones([5, 3], 'int32')),
    type: TypeError,
    message: "Cannot run batchNorm: x must be a float32 tensor, received x.dtype = 'int32'",
  },
  {
    title: 'batchNorm() with a gamma of the wrong length',
    call: () => conv.batchNorm(tf.ones([5, 3]), { gamma: tf.ones([5]) }),
    type: RangeError,
    message: 'Cannot run batchNorm: gamma must have shape [channels] = [3], received gamma.shape = [5]',
  },
  {
    title: 'batchNorm() with a negative epsilon',
    call: () => conv.batchNorm(tf.ones([5, 3]), { epsilon: -1 }),
    type: RangeError,
    message: 'Cannot run batchNorm: epsilon must be a number of at least 0, received epsilon = -1',
  },
  {
    title: 'batchNorm() with an unknown activation',
    call: () => conv.batchNorm(tf.ones([5, 3]), { activation: anything('elu') }),
    type: RangeError,
    message: "Cannot run batchNorm: activation must be one of 'linear', 'relu', 'relu6', received activation = 'elu'",
  },
  {
    title: 'batchNormInference() with a mean of the wrong length',
    call: () => conv.batchNormInference(tf.ones([5, 3]), tf.ones([2]), tf.ones([3])),
    type: RangeError,
    message: 'Cannot run batchNormInference: mean must have shape [channels] = [3], received mean.shape = [2]',
  },
];

testRefusals(NORMALIZATION);
