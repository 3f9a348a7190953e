import * as tf from '@tensorflow/tfjs';
import { deformConv2d } from 'tfjs-convolutions';

export const dynamic = 'force-dynamic';

export async function GET() {
  await tf.setBackend('wasm');
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const y = tf.tidy(() => deformConv2d(x, tf.fill([1, 2, 2, 2], 0.5), tf.tensor4d([2], [1, 1, 1, 1])));
  return new Response(`${tf.getBackend()} ${y.dataSync().join(' ')}`);
}
