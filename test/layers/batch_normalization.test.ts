/** BatchNormalization: Keras's arithmetic in training and inference, cross-checked against the layer of tfjs. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { moments } from '../oracle/batch_norm.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { callLayer, randomizeWeights, randomTensor, weightOf } from './support/layers.js';

/** moving · momentum + batch · (1 − momentum). */
function moved(moving: Array64, batch: Array64, momentum: number): Array64 {
  return array64(moving.shape, (channel) => moving.data[channel]! * momentum + batch.data[channel]! * (1 - momentum));
}

describeBackends('BatchNormalization', ({ tolerance }) => {
  it('updates the moving variance by the biased variance of the batch, as Keras 3 does', async () => {
    const layer = conv.layers.batchNormalization({ momentum: 0.75 });
    const x = randomTensor(1, [3, 2, 2, 4], -2, 3);
    callLayer(layer, x);
    randomizeWeights(layer, 2);
    const [mean, variance] = await Promise.all(
      ['moving_mean', 'moving_variance'].map((name) => values(weightOf(layer, name))),
    );
    callLayer(layer, x, true);
    const batch = moments(await values(x));
    await expectClose(weightOf(layer, 'moving_mean'), moved(mean!, batch.mean, 0.75), tolerance);
    await expectClose(weightOf(layer, 'moving_variance'), moved(variance!, batch.variance, 0.75), tolerance);
  });

  it('keeps its moving averages in inference', async () => {
    const layer = conv.layers.batchNormalization();
    const x = randomTensor(3, [3, 2, 2, 4]);
    callLayer(layer, x);
    const before = layer.getWeights().map((weight) => weight.clone());
    callLayer(layer, x, false);
    for (const [index, weight] of layer.getWeights().entries()) await expectSameBits(weight, before[index]!);
  });

  it('runs in inference mode when frozen, also in training, as Keras does', async () => {
    const layer = conv.layers.batchNormalization({ trainable: false });
    const x = randomTensor(4, [3, 2, 2, 4]);
    callLayer(layer, x);
    randomizeWeights(layer, 5);
    const before = layer.getWeights().map((weight) => weight.clone());
    await expectSameBits(callLayer(layer, x, true), callLayer(layer, x, false));
    for (const [index, weight] of layer.getWeights().entries()) await expectSameBits(weight, before[index]!);
  });

  it('gives the values and gradients of the layer of tfjs', async () => {
    for (const shape of [
      [6, 4],
      [2, 3, 2, 4],
    ]) {
      const x = randomTensor(6, shape, -2, 3);
      const layers = [conv.layers.batchNormalization(), tf.layers.batchNormalization()];
      layers.forEach((layer) => callLayer(layer, x));
      randomizeWeights(layers[0]!, 7);
      layers[1]!.setWeights(layers[0]!.getWeights());
      for (const training of [false, true]) {
        const [got, want] = layers.map((layer) => {
          const loss = (image: tf.Tensor): tf.Scalar => tf.sum(tf.square(tf.square(callLayer(layer, image, training))));
          return { y: callLayer(layer, x, training), dx: tf.grad(loss)(x) };
        });
        await expectClose(got!.y, want!.y, 10 * tolerance);
        await expectClose(got!.dx, want!.dx, 100 * tolerance);
      }
    }
  });

  it('applies its activation to the result without activation', async () => {
    const x = randomTensor(8, [4, 3, 3, 2], -20, 20);
    const [plain, fused] = [conv.layers.batchNormalization(), conv.layers.batchNormalization({ activation: 'relu6' })];
    [plain, fused].forEach((layer) => callLayer(layer, x));
    randomizeWeights(plain, 9);
    plain.setWeights(plain.getWeights().map((weight, index) => (index === 0 ? tf.mul(weight, 20) : weight)));
    fused.setWeights(plain.getWeights());
    for (const training of [false, true]) {
      await expectClose(callLayer(fused, x, training), tf.relu6(callLayer(plain, x, training)), tolerance);
    }
  });

  it('has neither gamma nor beta with scale and center off', async () => {
    const layer = conv.layers.batchNormalization({ scale: false, center: false, epsilon: 0 });
    const y = callLayer(layer, tf.tensor2d([[1], [3]]), true);
    expect(await y.array()).toEqual([[-1], [1]]);
    expect(layer.trainableWeights).toEqual([]);
  });
});
