/**
 * Gradients of TensorFlow.js resizing. Its own are wrong on cpu (nearest: batches above 1; bilinear: images that are
 * not square) and, with half-pixel centres, on every backend. Resizing is linear, so the gradient is the adjoint of
 * whatever TensorFlow.js computes: resizing an identity matrix gives the matrix of the operator, each rounding
 * included.
 */
import * as tf from '@tensorflow/tfjs';
import { resizeAdjoint } from './resize_bilinear/adjoint.js';

/** Resizes images as the TensorFlow.js kernel of one call does. */
type Resize = (images: tf.Tensor4D, size: [number, number]) => tf.Tensor4D;

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

export const RESIZING_GRADIENTS: readonly tf.GradConfig[] = [
  resizingGradient(tf.ResizeBilinear, tf.image.resizeBilinear),
  resizingGradient(tf.ResizeNearestNeighbor, tf.image.resizeNearestNeighbor),
];

/** Gradient of resizing, derived from its forward kernel alone. */
export function resizeGradient(dy: tf.Tensor4D, [, height, width]: tf.Tensor4D['shape'], resize: Resize): tf.Tensor4D {
  const matrix = (size: number, outSize: number): tf.Tensor2D => {
    const identity = tf.reshape<tf.Rank.R4>(tf.eye(size), [1, size, 1, size]);
    return tf.transpose<tf.Tensor2D>(tf.reshape(resize(identity, [outSize, 1]), [outSize, size]));
  };
  return resizeAdjoint(dy, matrix(height, dy.shape[1]), matrix(width, dy.shape[2]));
}

function resizingGradient(kernelName: string, host: typeof tf.image.resizeBilinear): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (dy, [images], attributes) => {
      const { alignCorners, halfPixelCenters } = attributes as unknown as ResizeAttributes;
      const resize: Resize = (x, size) => host(x, size, alignCorners, halfPixelCenters);
      return { images: () => resizeGradient(dy as tf.Tensor4D, (images as tf.Tensor4D).shape, resize) };
    },
  };
}
