// Loads exported files in Node by TensorFlow.js alone and prints the most probable class of each image of a folder
// with one folder per class: node load_exported.mjs MODEL_FOLDER IMAGES
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';

await tf.setBackend('cpu');
const [folder, images] = process.argv.slice(2);
const { modelTopology, weightsManifest } = JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
const weightData = new Uint8Array(fs.readFileSync(path.join(folder, 'weights.bin'))).buffer;
const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));

const [, height, width, channels] = model.inputs[0].shape;
const classes = fs.readdirSync(images).sort();
let right = 0;
let all = 0;
for (const [label, name] of classes.entries()) {
  for (const file of fs.readdirSync(path.join(images, name))) {
    const bytes = await sharp(path.join(images, name, file))
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    const x = tf.tensor4d(
      Float32Array.from(bytes, (byte) => byte / 127.5 - 1),
      [1, height, width, channels],
    );
    const [guess] = await model.predict(x).argMax(-1).data();
    right += guess === label ? 1 : 0;
    all++;
  }
}
console.log(String(right / all));
