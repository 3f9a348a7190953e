/**
 * How long does a training step of MobileNetV1 (α = 0.25) take? Our layers on WebAssembly against the host's own layers
 * on tfjs-node, plain SGD on both.
 *
 *   npm run bench:training-step
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../src/index.js';
import { medians, type Work } from './support/measure.js';
import { loadNative } from './support/native.js';
import { stockMobileNetV1 } from './support/stock_mobilenet_v1.js';

const CLASSES = 10;

async function stepOf(backend: string, size: number, batch: number): Promise<Work> {
  await tf.setBackend(backend);
  const model =
    backend === 'wasm'
      ? conv.mobileNetV1({ alpha: 0.25, inputShape: [size, size, 3], classes: CLASSES, dropout: 0 })
      : stockMobileNetV1(size, 0.25, CLASSES);
  const x = tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', 1);
  const labels = tf.oneHot(
    tf.tidy(() => tf.range(0, batch, 1, 'int32').mod(CLASSES).toInt()),
    CLASSES,
  );
  const optimizer = tf.train.sgd(0.01);
  const loss = (): tf.Scalar => {
    const y = model.apply(x, { training: true }) as tf.Tensor;
    return tf.metrics.categoricalCrossentropy(labels, y).mean();
  };
  return () => optimizer.minimize(loss, true) ?? [];
}

async function main(): Promise<void> {
  const peers = ['wasm', ...((await loadNative()) ? ['tensorflow'] : [])];
  for (const [size, batch] of [
    [32, 32],
    [96, 8],
  ] as const) {
    const works: Record<string, Work> = {};
    for (const backend of peers) works[backend] = await stepOf(backend, size, batch);
    const times = await medians(works, 15, (backend) => tf.setBackend(backend));
    const [ours, stock] = [times['wasm']!, times['tensorflow']];
    const ratio =
      stock === undefined ? '' : `  stock tfjs-node ${stock.toFixed(1)} ms  ratio ${(ours / stock).toFixed(3)}`;
    console.log(`MobileNetV1 0.25, ${size}×${size}, batch ${batch}: wasm ${ours.toFixed(1)} ms${ratio}`);
  }
}

void main();
