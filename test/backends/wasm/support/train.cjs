// Trains a small deformable MobileNet for a few steps with the built package, and a plain one captured and not; prints digests of
// their weights:
//
//   node train.cjs THREADS
const { createHash } = require('node:crypto');
const path = require('node:path');
const tf = require('@tensorflow/tfjs');
const dist = path.resolve(__dirname, '../../../../dist/cjs');
const conv = require(dist);
const { Adam } = require(path.join(dist, 'training'));

const STEPS = 3;
const BATCH = 6;

async function main() {
  const threads = conv.useThreads(Number(process.argv[2]));
  await tf.setBackend('wasm');
  const model = conv.mobileNetV1({
    alpha: 0.25,
    inputShape: [32, 32, 3],
    classes: 10,
    dropout: 0,
    deformable: { last: 3 },
  });
  const reset = model.weights.map((weight, index) => initial(weight, index));
  model.setWeights(reset);
  const optimizer = new Adam({ learningRate: 0.01 });
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal([BATCH, 32, 32, 3], 0, 1, 'float32', 1);
  const y = tf.oneHot(tf.range(0, BATCH, 1, 'int32'), 10);
  const losses = [];
  for (let step = 0; step < STEPS; step++) {
    losses.push(await model.trainOnBatch(x, y));
    // Workers start meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const digest = digestOf(model);
  const [usual, captured] = [await trainPlain(false), await trainPlain(true)];
  const { buffer } = tf.backend().wasm.asm.memory;
  const [error] = [catchError(() => conv.useThreads(1))];
  const memory = buffer.constructor.name;
  console.log(JSON.stringify({ threads, losses, digest, usual, captured, memory, error }));
}

/** Trains activations that replays compute twice, and that threads divide; returns the digest of the weights. */
async function trainPlain(isCaptured) {
  const model = conv.mobileNetV1({ alpha: 0.25, inputShape: [64, 64, 3], classes: 10, dropout: 0, shallow: true });
  model.setWeights(model.weights.map((weight, index) => initial(weight, index)));
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy' });
  const accelerated = isCaptured ? conv.accelerate(model) : undefined;
  const x = tf.randomNormal([BATCH, 64, 64, 3], 0, 1, 'float32', 2);
  const y = tf.oneHot(tf.range(0, BATCH, 1, 'int32'), 10);
  for (let step = 0; step < 2 * STEPS; step++) await model.trainOnBatch(x, y);
  if (isCaptured && accelerated.report().train.signatures[0].state !== 'replayed') return 'not replayed';
  return digestOf(model);
}

function digestOf(model) {
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) hash.update(Buffer.from(weight.dataSync().buffer));
  return hash.digest('hex');
}

/** Values that do not depend on how many random numbers the process has drawn. */
function initial({ shape, originalName }, index) {
  if (/gamma|variance/.test(originalName)) return tf.ones(shape);
  if (shape.length === 1) return tf.zeros(shape);
  return tf.randomNormal(shape, 0, 0.2, 'float32', index + 1);
}

function catchError(run) {
  try {
    run();
    return 'none';
  } catch (error) {
    return error.message;
  }
}

void main();
