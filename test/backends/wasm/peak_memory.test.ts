/** Peak of the heap in a deformable convolution with all gradients, beside what it takes and gives. */
import * as tf from '@tensorflow/tfjs';
import { heapPeak } from '../../../bench/workers/heap_peak.js';
import * as conv from '../../../src/index.js';
import { describeBackends } from '../../support/backends.js';

describeBackends(
  'a deformable convolution with all gradients',
  () => {
    test.each([
      ['many channels', 1, 28, 128],
      ['a large image', 1, 128, 32],
      ['images of which parts are summed', 3, 56, 32],
      ['images that are computed whole', 4, 56, 32],
    ])('%s: its scratch memory is a fraction of its tensors', (_name, batch, side, channels) => {
      const random = (...shape: [number, number, number, number]): tf.Tensor4D =>
        tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 1);
      const x = random(batch, side, side, channels);
      const offset = random(batch, side, side, 18);
      const filter = random(3, 3, channels, channels);
      const mask = random(batch, side, side, 9);
      const convolve = (...[image, shifts, weights, modulation]: tf.Tensor4D[]): tf.Tensor =>
        conv.deformConv2d(image!, shifts!, weights!, { mask: modulation!, padding: 'same' });
      const gradients = tf.grads(convolve as (...values: tf.Tensor[]) => tf.Tensor);
      const inputs = [x, offset, filter, mask];
      const bytes = (tensors: readonly tf.Tensor[]): number => tensors.reduce((sum, { size }) => sum + 4 * size, 0);
      // What is made once.
      tf.dispose(gradients(inputs));
      let results: tf.Tensor[] = [];
      const peak = heapPeak(() => {
        results = gradients(inputs);
      });
      // The output and its gradient are as large as x.
      expect(peak).toBeLessThan(1.3 * bytes([...inputs, ...results, x, x]));
      tf.dispose([...inputs, ...results]);
    });
  },
  { where: ({ name, variant }) => name === 'wasm' && variant === undefined },
);
