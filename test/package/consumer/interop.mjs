import * as tf from '@tensorflow/tfjs';
import { saveKerasWeights } from 'tfjs-convolutions/interop';

await tf.setBackend('wasm');
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
await saveKerasWeights(model, 'model.weights.h5').catch(({ message }) => console.log(JSON.stringify(message)));
