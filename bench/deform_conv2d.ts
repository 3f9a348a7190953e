/**
 * What does a deformable convolution cost on WebAssembly, beside the host's own plain convolution of the same shape?
 * Forward, and forward with all gradients; 3×3, stride 1, padding 1, batch 1, one thread. The host's convolution gets a
 * new filter at every call, as in training (it caches packed filters).
 *
 *   npm run bench:deform-conv2d
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';
import { medians } from './support/measure.js';

const SHAPES = [
  [56, 64],
  [28, 128],
  [14, 256],
] as const;

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  for (const [side, channels] of SHAPES) {
    const x = tf.randomNormal<tf.Rank.R4>([1, side, side, channels]);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels]);
    const offset = tf.randomNormal<tf.Rank.R4>([1, side, side, 18]);
    const mask = tf.randomUniform<tf.Rank.R4>([1, side, side, 9]);
    checkEqual(x, filter);
    const deform = (values: tf.Tensor[]): tf.Tensor => {
      const [image, shifts, weights, modulation] = values as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      return conv.deformConv2d(image, shifts, weights, { mask: modulation, padding: 1 });
    };
    const gradients = tf.grads((...values: tf.Tensor[]) => deform(values));
    const times = await medians(
      {
        host: () => tf.tidy(() => tf.conv2d(x, tf.add(filter, 0), 1, 'same')),
        forward: () => deform([x, offset, filter, mask]),
        all: () => gradients([x, offset, filter, mask]),
      },
      25,
    );
    console.log(
      `${side}×${side}×${channels}: tf.conv2d ${times.host.toFixed(2)} ms, deformConv2d ${times.forward.toFixed(2)} ms ` +
        `(ratio ${(times.forward / times.host).toFixed(2)}), forward + gradients ${times.all.toFixed(2)} ms ` +
        `(over forward ${(times.all / times.forward).toFixed(2)})`,
    );
    tf.dispose([x, filter, offset, mask]);
  }
}

/** Both sides compute the same function at zero offsets; checked before anything is timed. */
function checkEqual(x: tf.Tensor4D, filter: tf.Tensor4D): void {
  tf.tidy(() => {
    const [n, height, width] = x.shape;
    const offset = tf.zeros<tf.Rank.R4>([n, height, width, 18]);
    const ours = conv.deformConv2d(x, offset, filter, { padding: 1 });
    const difference = tf.max(tf.abs(tf.sub(ours, tf.conv2d(x, filter, 1, 'same')))).dataSync()[0]!;
    if (!(difference < 1e-2))
      throw new Error(`Cannot compare: results must be equal, received difference = ${difference}`);
  });
}

void main();
