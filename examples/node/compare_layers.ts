/**
 * Three networks that differ in one layer (plain, dilated, deformable) learn handwritten digits with TensorFlow.js's
 * own `fit`; prints the accuracy and cost of each.
 *
 *   npm run example -- examples/node/compare_layers.ts [--images 2000] [--epochs 5]
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as conv from 'tfjs-convolutions';
import { loadMnist, takeFirst, withSeed, Random, type Dataset } from 'tfjs-convolutions/training';

const LAYERS = {
  plain: conv.layers.conv2d,
  dilated: conv.layers.dilatedConv2d,
  deformable: conv.layers.deformableConv2d,
} as const;

function build(kind: keyof typeof LAYERS): tf.Sequential {
  const model = tf.sequential({ name: kind });
  model.add(conv.layers.conv2d({ filters: 8, kernelSize: 5, strides: 2, padding: 'same', inputShape: [28, 28, 1] }));
  model.add(conv.layers.batchNormalization({ activation: 'relu' }));
  model.add(LAYERS[kind]({ filters: 32, kernelSize: 3, padding: 'same' }));
  model.add(conv.layers.batchNormalization({ activation: 'relu' }));
  model.add(conv.layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, padding: 'same' }));
  model.add(conv.layers.batchNormalization({ activation: 'relu' }));
  model.add(tf.layers.globalMaxPooling2d({}));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.momentum(0.02, 0.9), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function toTensors({ images, labels, height, width, classNames }: Dataset): { x: tf.Tensor; y: tf.Tensor } {
  const x = tf.tidy(() => tf.tensor4d(Float32Array.from(images), [labels.length, height, width, 1]).div(127.5).sub(1));
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classNames.length).toFloat());
  return { x, y };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { images: { type: 'string', default: '2000' }, epochs: { type: 'string', default: '5' } },
  });
  await tf.setBackend('wasm');
  const digits = await loadMnist();
  const train = toTensors(takeFirst(digits.train, Number(values.images)));
  const test = toTensors(digits.test);
  console.log(
    ['layer       ', ...['accuracy', 'parameters', 'MACs', 'offset MACs'].map((cell) => cell.padStart(13))].join(''),
  );
  for (const kind of ['plain', 'dilated', 'deformable'] as const) {
    const model = withSeed(new Random(1, 'initialization'), () => build(kind));
    await model.fit(train.x, train.y, { epochs: Number(values.epochs), batchSize: 32 });
    const [, accuracy] = model.evaluate(test.x, test.y) as tf.Scalar[];
    const { total } = conv.cost(model);
    const figures = [total.params.trainable, total.macs, total.offsetMacs].map((figure) => figure.toLocaleString('en'));
    const percent = (100 * (await accuracy!.data())[0]!).toFixed(1);
    console.log([kind.padEnd(12), ...[`${percent} %`, ...figures].map((cell) => cell.padStart(13))].join(''));
  }
}

void main();
