import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import * as geometry from 'tfjs-convolutions/geometry';
import * as interop from 'tfjs-convolutions/interop';
import * as plots from 'tfjs-convolutions/plots';
import * as training from 'tfjs-convolutions/training';

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  const x: tf.Tensor4D = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const offset = tf.tensor4d([0.5, 0.5, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
  const filter = tf.tensor4d([2], [1, 1, 1, 1]);
  const y = conv.deformConv2d(x, offset, filter, { padding: 'same', dilations: [1, 1] });
  const layer: tf.layers.Layer = conv.layers.deformableConv2d({ filters: 2, kernelSize: 3 });
  // @ts-expect-error: the declarations are really read, a wrong option is an error, there and in a running program
  const refused = (): tf.Tensor4D => conv.deformConv2d(x, offset, filter, { stride: 'two' });
  try {
    refused();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const entries = [
    layer,
    ...Object.values(geometry),
    ...Object.values(interop),
    ...Object.values(plots),
    ...Object.values(training),
  ];
  console.log(JSON.stringify({ backend: tf.getBackend(), y: [...(await y.data())], entries: entries.length > 3 }));
}

void main();
