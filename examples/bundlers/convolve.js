// Samples an image half a pixel down and right, and writes backend and values into the page.
import * as tf from '@tensorflow/tfjs';
import { deformConv2d } from 'tfjs-convolutions';

await tf.setBackend('wasm');
const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
const y = deformConv2d(x, tf.fill([1, 2, 2, 2], 0.5), tf.tensor4d([2], [1, 1, 1, 1]));
document.body.textContent = `${tf.getBackend()} ${y.dataSync().join(' ')}`;
