// One of several processes at one model and one checkpoint: writer 1, writer 2, or a reader. Prints how often it did.
//
//   node test/faults/writer.cjs 1|2|read FOLDER SECONDS
const path = require('node:path');
const tf = require('@tensorflow/tfjs');
const conv = require('../../dist/cjs/index.js');
const training = require('../../dist/cjs/training/index.js');

const [role, folder, seconds] = process.argv.slice(2);
const [model, checkpoint] = [path.join(folder, 'model'), path.join(folder, 'checkpoint.bin')];

function newTrainer(seed) {
  const filters = 2 + seed;
  const network = tf.sequential();
  network.add(conv.layers.conv2d({ filters, kernelSize: 3, inputShape: [8, 8, 1] }));
  network.add(tf.layers.flatten());
  network.add(tf.layers.dense({ units: 2, activation: 'softmax' }));
  const labels = Int32Array.from([0, 1]);
  const set = { images: new Uint8Array(128), labels, height: 8, width: 8, channels: 1, classNames: ['a', 'b'] };
  const options = { epochs: 1, batchSize: 2, learningRate: 0.1, seed, augmentation: false };
  return new training.Trainer(network, { name: 'data', train: set, test: set }, options);
}

async function main() {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
  const end = Date.now() + 1000 * Number(seconds);
  let count = 0;
  if (role === 'read') {
    while (Date.now() < end) {
      // Before the first writer has written there is nothing to read.
      const isThere = await Promise.all([training.loadModel(model), training.loadCheckpoint(checkpoint)]).catch(
        (error) => {
          if (count === 0 && /there must be/.test(error.message)) return undefined;
          throw error;
        },
      );
      if (isThere !== undefined) count++;
    }
  } else {
    const trainer = newTrainer(Number(role));
    // At least twice, however slow the machine is.
    while (Date.now() < end || count < 2) {
      await training.saveModel(trainer.model, model);
      await training.saveCheckpoint(checkpoint, trainer);
      count++;
    }
  }
  console.log(count);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
