// Both kinds of module system in one process: there must be one engine, one set of classes, one registration.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import * as imported from 'tfjs-convolutions';

const require = createRequire(import.meta.url);
const required = require('tfjs-convolutions');

await tf.setBackend('wasm');
const model = tf.sequential({
  layers: [imported.layers.deformableConv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] })],
});
console.log(
  JSON.stringify({
    sameOp: imported.deformConv2d === required.deformConv2d,
    sameClass: model.layers[0] instanceof required.DeformableConv2D,
    sameEngine: tf.engine() === require('@tensorflow/tfjs').engine(),
    outputShape: model.predict(tf.ones([1, 5, 5, 1])).shape,
  }),
);
