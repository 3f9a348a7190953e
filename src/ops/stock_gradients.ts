/** Gradients that TensorFlow.js lacks, registered under its names, and replacements for those that it gets wrong. */
import * as tf from '@tensorflow/tfjs';

/**
 * Comparisons are piecewise constant: without these zero gradients, nothing that depends on one can be differentiated.
 */
const COMPARISONS = [tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual].map(
  (kernelName): tf.GradConfig => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_dy, [a, b]) => ({ a: () => zerosLike(a!), b: () => zerosLike(b!) }),
  }),
);

const ANY: tf.GradConfig = {
  kernelName: tf.Any,
  inputsToSave: ['x'],
  gradFunc: (_dy, [x]) => ({ x: () => zerosLike(x!) }),
};

/** Gradients of the 3-D transposed convolution: the convolution that it transposes, and the filter gradient of that. */
const TRANSPOSED_VOLUMES: tf.GradConfig = {
  kernelName: tf.Conv3DBackpropInputV2,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (dx, [dy, filter], attributes) => {
    const { strides, pad } = attributes as unknown as VolumeAttributes;
    const [volumes, kernel] = [dx as tf.Tensor5D, filter as tf.Tensor5D];
    return {
      dy: () => tf.conv3d(volumes, kernel, strides, pad),
      filter: () =>
        tf
          .engine()
          .runKernel<tf.Tensor>(
            tf.Conv3DBackpropFilterV2,
            { x: volumes, dy: dy! },
            { strides, pad, filterShape: kernel.shape },
          ),
    };
  },
};

interface VolumeAttributes {
  readonly strides: number | [number, number, number];
  readonly pad: 'same' | 'valid';
}

/** Gradients that src/register.ts adds if there are none. */
export const MISSING_GRADIENTS: readonly tf.GradConfig[] = [...COMPARISONS, ANY, TRANSPOSED_VOLUMES];

/** TensorFlow.js returns gradients of the output's shape for operands that were broadcast. */
export const BROADCAST_GRADIENTS: readonly tf.GradConfig[] = [
  selection(tf.Maximum, tf.greaterEqual, tf.less),
  selection(tf.Minimum, tf.lessEqual, tf.greater),
];

type Comparison = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Gradients of maximum and minimum; where the operands are equal, the first gets the gradient. */
function selection(kernelName: string, first: Comparison, second: Comparison): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      const where = (chosen: Comparison, operand: tf.Tensor): tf.Tensor =>
        sumTo(tf.mul(dy as tf.Tensor, tf.cast(chosen(a, b), 'float32')), operand.shape);
      return { a: () => where(first, a), b: () => where(second, b) };
    },
  };
}

/** Sums over the axes along which an operand of this shape was broadcast. */
function sumTo(x: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes(shape, x.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(x, axes) : x, shape);
}

function zerosLike({ shape }: tf.Tensor): tf.Tensor {
  return tf.zeros(shape);
}
