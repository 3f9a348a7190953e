const tf = require('@tensorflow/tfjs');
const { saveKerasWeights } = require('tfjs-convolutions/interop');

async function main() {
  await tf.setBackend('wasm');
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  await saveKerasWeights(model, 'model.weights.h5').catch(({ message }) => console.log(JSON.stringify(message)));
}

main();
