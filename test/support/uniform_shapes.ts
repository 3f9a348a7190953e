import * as tf from '@tensorflow/tfjs';
import type { TestBackend } from './backends.js';

/**
 * Lets TensorFlow.js's own shaders on webgl take sizes as uniforms, as this package's do. By default it compiles them once
 * for each shape, which is half the time of random cases and of training in the layer harness; other tests keep the default.
 */
export function useUniformShapes({ name }: TestBackend): void {
  if (name !== 'webgl') return;
  beforeAll(() => {
    tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', true);
  });
  afterAll(() => {
    tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', false);
  });
}

/**
 * Runs a case under the default if a tensor has more than four axes: with sizes as uniforms, TensorFlow.js takes a shader
 * compiled for other shapes for tensors of rank 5 or 6, and reads wrong elements.
 */
export async function withShapesOfHighRanks<T>(
  { name }: TestBackend,
  ranks: readonly number[],
  run: () => Promise<T>,
): Promise<T> {
  if (name !== 'webgl' || Math.max(...ranks) <= 4) return run();
  tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', false);
  try {
    return await run();
  } finally {
    tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', true);
  }
}
