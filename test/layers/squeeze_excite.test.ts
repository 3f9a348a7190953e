/** SqueezeExcite: its formula in float64, and MobileNetV3's hidden widths. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { built, callLayer, expectFormatsAgree, expectRefusal, randomTensor, weightValues } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('SqueezeExcite', {
  Layer: conv.SqueezeExcite,
  args: { hidden: 3 },
  inputShapes: [[4, 4, 3, 6]],
  outputShape: [4, 4, 3, 6],
  trainable: { reduce_kernel: [1, 1, 6, 3], reduce_bias: [3], expand_kernel: [1, 1, 3, 6], expand_bias: [6] },
});

runLayerTest('SqueezeExcite with every option', {
  Layer: conv.SqueezeExcite,
  args: {
    ratio: 0.5,
    activation: 'swish',
    gateActivation: 'sigmoid',
    kernelInitializer: 'heNormal',
    kernelRegularizer: 'l2',
    dataFormat: 'channelsFirst',
  },
  inputShapes: [[4, 6, 4, 3]],
  outputShape: [4, 6, 4, 3],
  trainable: { reduce_kernel: [1, 1, 6, 8], reduce_bias: [8], expand_kernel: [1, 1, 8, 6], expand_bias: [6] },
});

/** x · gate(expand(relu(reduce(mean x)))), channel by channel. */
async function squeezeExcite(x: Array64, layer: tf.layers.Layer, gate: (value: number) => number): Promise<Array64> {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [reduce, reduceBias, expand, expandBias] = await Promise.all(
    ['reduce_kernel', 'reduce_bias', 'expand_kernel', 'expand_bias'].map((name) => weightValues(layer, name)),
  );
  const hidden = reduceBias!.data.length;
  const gates = Array.from({ length: batch }, (_, n) => {
    const mean = Array.from({ length: channels }, (__, c) => {
      let sum = 0;
      for (let at = 0; at < height * width; at++) sum += x.data[(n * height * width + at) * channels + c]!;
      return sum / (height * width);
    });
    const inner = Array.from({ length: hidden }, (__, h) =>
      Math.max(
        0,
        mean.reduce((sum, value, c) => sum + value * reduce!.data[c * hidden + h]!, reduceBias!.data[h]!),
      ),
    );
    return Array.from({ length: channels }, (__, c) =>
      gate(inner.reduce((sum, value, h) => sum + value * expand!.data[h * channels + c]!, expandBias!.data[c]!)),
    );
  });
  const size = height * width * channels;
  return array64(x.shape, (index) => x.data[index]! * gates[Math.floor(index / size)]![index % channels]!);
}

describeBackends('SqueezeExcite', ({ tolerance }) => {
  it('scales every channel by a gate computed from the whole image', async () => {
    // Large enough for the hard sigmoid to saturate on both sides.
    const x = randomTensor(1, [3, 4, 5, 6], -20, 30);
    const gates = {
      hardSigmoid: (value: number) => Math.min(Math.max(value + 3, 0), 6) / 6,
      sigmoid: (value: number) => 1 / (1 + Math.exp(-value)),
    };
    for (const gateActivation of ['hardSigmoid', 'sigmoid'] as const) {
      const layer = built(conv.layers.squeezeExcite({ hidden: 4, gateActivation }), x);
      const wanted = await squeezeExcite(await values(x), layer, gates[gateActivation]);
      await expectClose(callLayer(layer, x), wanted, tolerance);
    }
  });

  it('supports channelsFirst', async () => {
    const make = (format: object): tf.layers.Layer => conv.layers.squeezeExcite({ hidden: 2, ...format });
    await expectFormatsAgree(make, randomTensor(2, [2, 4, 3, 5]), tolerance);
  });
});

describe('SqueezeExcite', () => {
  it.each([
    // Channels and hidden channels of MobileNetV3.
    [16, 8],
    [72, 24],
    [96, 24],
    [120, 32],
    [240, 64],
    [288, 72],
    [480, 120],
    [576, 144],
    [672, 168],
    [960, 240],
  ])('has the hidden width of MobileNetV3 for %d channels', (channels, hidden) => {
    const layer = conv.layers.squeezeExcite({ inputShape: [7, 7, channels] });
    const { total } = conv.cost(tf.sequential({ layers: [layer] }));
    expect(total.params.trainable).toBe(2 * channels * hidden + channels + hidden);
    expect(total.macs).toBe(2 * channels * hidden);
    expect(total.otherOps).toMatchObject({ pooling: 49 * channels, bias: channels + hidden });
  });

  it('depends on the whole image and on one position', () => {
    const model = tf.sequential({ layers: [conv.layers.squeezeExcite({ inputShape: [7, 6, 8] })] });
    expect(conv.receptiveField(model).layers.at(-1)).toMatchObject({ size: [1, 1], stride: [1, 1], global: true });
  });

  it('rejects ratio together with hidden, and unknown gates', () => {
    expectRefusal(
      () => conv.layers.squeezeExcite({ name: 'mine', ratio: 0.5, hidden: 8 }),
      RangeError,
      "Cannot build layer 'mine': ratio and hidden are mutually exclusive, received ratio = 0.5",
    );
    expectRefusal(
      () => conv.layers.squeezeExcite({ gateActivation: 'relu' as never }),
      RangeError,
      "received gateActivation = 'relu'",
    );
  });
});
