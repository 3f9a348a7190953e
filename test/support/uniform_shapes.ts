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
