const tf = require('@tensorflow/tfjs');
const conv = require('tfjs-convolutions');

async function main() {
  await tf.setBackend('wasm');
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const offset = tf.tensor4d([0.5, 0.5, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
  const y = conv.deformConv2d(x, offset, tf.tensor4d([2], [1, 1, 1, 1]), {});
  console.log(JSON.stringify({ backend: tf.getBackend(), y: [...(await y.data())] }));
}

main();
