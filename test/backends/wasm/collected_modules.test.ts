/** Memory of disposed wasm backends: nothing in this package keeps it alive. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { leftOf, referencesTo, type References } from '../../support/garbage.js';

/** Restarts the backend several times and computes on each; returns the modules that own the memories. */
async function restart(times: number): Promise<References> {
  const modules: [string, object][] = [];
  for (let count = 1; count <= times; count++) {
    await tf.setBackend('wasm');
    tf.tidy(() => {
      const [x, filter]: [tf.Tensor4D, tf.Tensor4D] = [tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1])];
      conv.conv2d(x, filter);
      tf.conv2d(x, filter, 1, 'same');
    });
    const active: unknown = tf.backend();
    modules.push([`module ${count}`, (active as { readonly wasm: object }).wasm]);
    tf.engine().reset();
  }
  return referencesTo(modules);
}

test.each([false, true])('are collected, except the last one (accelerateStockLayers(): %s)', async (accelerated) => {
  const restore = accelerated ? conv.accelerateStockLayers() : () => undefined;
  // The kernels of TensorFlow.js keep the module that they were last set up with.
  expect(await leftOf(await restart(4))).toEqual(['module 4']);
  restore();
});
