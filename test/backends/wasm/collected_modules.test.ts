/** The memory of wasm backends that are gone: nothing of this package keeps it. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../../src/index.js';
import { leftOf, referencesTo, type References } from '../../support/garbage.js';

/** Starts the backend anew several times, computes on each and resets it; the modules that hold their memories. */
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

test.each([false, true])('are collected, but for the last one (accelerateStockLayers(): %s)', async (accelerated) => {
  const restore = accelerated ? conv.accelerateStockLayers() : () => undefined;
  // The host's kernels hold the module that they were last set up with.
  expect(await leftOf(await restart(4))).toEqual(['module 4']);
  restore();
});
