/** Values of layers, against the float64 oracles and against each other. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import * as oracle from '../oracle/conv2d.js';
import { deformConv2d } from '../oracle/deform_conv2d.js';
import { depthwiseConv2d } from '../oracle/depthwise_conv2d.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { built, callLayer, map, randomTensor, weightOf, weightValues } from './support/layers.js';

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

describeBackends('layers', ({ tolerance }) => {
  it('Conv2D computes activation(conv2d(x, kernel) + bias) with groups, stride, dilation and padding', async () => {
    const x = randomTensor(1, [2, 7, 6, 4]);
    const window = {
      strides: [2, 1],
      dilations: [1, 2],
      padding: [
        [1, 0],
        [2, 1],
      ],
      groups: 2,
    } as const;
    const { dilations, ...args } = window;
    const layer = built(
      conv.layers.conv2d({ ...args, filters: 6, kernelSize: [3, 2], dilationRate: dilations, activation: 'tanh' }),
      x,
    );
    const inputs = {
      x: await values(x),
      filter: await weightValues(layer, 'kernel'),
      bias: await weightValues(layer, 'bias'),
    };
    await expectClose(callLayer(layer, x), map(oracle.conv2d(inputs, window), Math.tanh), tolerance);
  });

  it('Conv2D pads according to paddingMode, also for same', async () => {
    const x = randomTensor(2, [1, 5, 4, 2]);
    const args = { filters: 3, kernelSize: 3, padding: 'same', paddingMode: 'reflect', useBias: false } as const;
    const layer = built(conv.layers.conv2d(args), x);
    const valid = conv.layers.conv2d({ filters: 3, kernelSize: 3, useBias: false });
    const mirrored = tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'reflect',
    );
    callLayer(valid, mirrored);
    valid.setWeights(layer.getWeights());
    await expectClose(callLayer(layer, x), callLayer(valid, mirrored), tolerance);
  });

  it('DilatedConv2D is Conv2D with dilation 2 and padding same', async () => {
    const x = randomTensor(3, [1, 7, 6, 2]);
    const layer = built(conv.layers.dilatedConv2d({ filters: 3, kernelSize: 3 }), x);
    const inputs = {
      x: await values(x),
      filter: await weightValues(layer, 'kernel'),
      bias: await weightValues(layer, 'bias'),
    };
    await expectClose(callLayer(layer, x), oracle.conv2d(inputs, { dilations: [2, 2], padding: 'same' }), tolerance);
  });

  it('PointwiseConv2D mixes the channels of every second position', async () => {
    const x = randomTensor(4, [2, 5, 4, 3]);
    const layer = built(conv.layers.pointwiseConv2d({ filters: 4, strides: 2 }), x);
    const inputs = {
      x: await values(x),
      filter: await weightValues(layer, 'kernel'),
      bias: await weightValues(layer, 'bias'),
    };
    await expectClose(callLayer(layer, x), oracle.conv2d(inputs, { strides: [2, 2] }), tolerance);
  });

  it('DepthwiseConv2D honours dilationRate', async () => {
    const x = randomTensor(5, [2, 7, 8, 3]);
    const args = { kernelSize: [3, 2], dilationRate: [2, 3], padding: 'same', depthMultiplier: 2 } as const;
    const layer = built(conv.layers.depthwiseConv2d(args), x);
    const inputs = {
      x: await values(x),
      filter: await weightValues(layer, 'depthwise_kernel'),
      bias: await weightValues(layer, 'bias'),
    };
    await expectClose(callLayer(layer, x), depthwiseConv2d(inputs, { dilations: [2, 3], padding: 'same' }), tolerance);
  });

  it('DepthwiseSeparableConv2D equals the separableConv2d of tfjs with nothing in between', async () => {
    const x = randomTensor(6, [2, 6, 5, 3]);
    const args = { filters: 4, kernelSize: 3, padding: 'same', depthMultiplier: 2, activation: 'sigmoid' } as const;
    const layer = built(conv.layers.depthwiseSeparableConv2d(args), x);
    const stock = tf.layers.separableConv2d(args);
    callLayer(stock, x);
    stock.setWeights(layer.getWeights());
    await expectClose(callLayer(layer, x), callLayer(stock, x), tolerance);
  });

  it('DepthwiseSeparableConv2D normalises and activates in between as separate layers do', async () => {
    const x = randomTensor(7, [3, 6, 5, 2]);
    for (const midActivation of ['relu6', 'swish'] as const) {
      const layer = built(
        conv.layers.depthwiseSeparableConv2d({ filters: 4, kernelSize: 3, midBatchNormalization: true, midActivation }),
        x,
      );
      const depthwise = conv.layers.depthwiseConv2d({ kernelSize: 3, useBias: false });
      const normalization = conv.layers.batchNormalization();
      const activation = tf.layers.activation({ activation: midActivation });
      const pointwise = conv.layers.pointwiseConv2d({ filters: 4 });
      const parts = [depthwise, normalization, activation, pointwise];
      const run = (training: boolean): tf.Tensor =>
        parts.reduce<tf.Tensor>((features, part) => callLayer(part, features, training), x);
      run(false);
      depthwise.setWeights([weightOf(layer, 'depthwise_kernel')]);
      const names = ['mid_gamma', 'mid_beta', 'mid_moving_mean', 'mid_moving_variance'];
      normalization.setWeights(names.map((name) => weightOf(layer, name)));
      pointwise.setWeights([weightOf(layer, 'pointwise_kernel'), weightOf(layer, 'bias')]);
      for (const training of [true, false]) {
        await expectClose(callLayer(layer, x, training), run(training), tolerance);
      }
      await expectClose(weightOf(layer, 'mid_moving_variance'), weightOf(normalization, 'moving_variance'), tolerance);
    }
  });

  it('DeformableConv2D samples at offsets predicted by its own convolution, with a mask', async () => {
    const x = randomTensor(8, [2, 6, 5, 4]);
    const window = {
      strides: [1, 2],
      dilations: [2, 1],
      padding: [
        [2, 1],
        [1, 0],
      ],
    } as const;
    for (const [maskActivation, factor] of [
      ['sigmoid', 1],
      ['doubleSigmoid', 2],
    ] as const) {
      const layer = built(
        conv.layers.deformableConv2d({
          filters: 6,
          kernelSize: [3, 2],
          strides: window.strides,
          dilationRate: window.dilations,
          padding: window.padding,
          groups: 2,
          offsetGroups: 2,
          maskActivation,
        }),
        x,
      );
      const predicted = oracle.conv2d(
        {
          x: await values(x),
          filter: await weightValues(layer, 'offset_kernel'),
          bias: await weightValues(layer, 'offset_bias'),
        },
        window,
      );
      // 2 offset groups with 6 taps: 24 offsets, then 12 mask logits.
      const part = (first: number, count: number): Array64 =>
        array64(
          [...predicted.shape.slice(0, 3), count],
          (index) => predicted.data[Math.floor(index / count) * 36 + first + (index % count)]!,
        );
      const inputs = {
        x: await values(x),
        offset: part(0, 24),
        mask: map(part(24, 12), (logit) => factor / (1 + Math.exp(-logit))),
        filter: await weightValues(layer, 'kernel'),
        bias: await weightValues(layer, 'bias'),
      };
      await expectClose(
        callLayer(layer, x),
        deformConv2d(inputs, { ...window, groups: 2, offsetGroups: 2 }),
        10 * tolerance,
      );
    }
  });

  it('DeformableConv2D starts as the plain convolution', async () => {
    const x = randomTensor(9, [2, 6, 5, 3]);
    const args = { filters: 4, kernelSize: 3, padding: 'same', useBias: false } as const;
    const plain = built(conv.layers.conv2d(args), x);
    const cases = [
      [{ modulated: false }, 1],
      [{ maskActivation: 'doubleSigmoid' }, 1],
      [{}, 0.5],
    ] as const;
    for (const [options, factor] of cases) {
      const layer = conv.layers.deformableConv2d({ ...args, ...options });
      callLayer(layer, x);
      layer.setWeights([weightOf(plain, 'kernel'), ...layer.getWeights().slice(1)]);
      const expected = map(await values(callLayer(plain, x)), (value) => value * factor);
      await expectClose(callLayer(layer, x), expected, tolerance);
    }
  });

  it('DeformableConv2D with depthwise: true starts as the depthwise convolution', async () => {
    const x = randomTensor(10, [2, 7, 6, 3]);
    const args = { kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2, useBias: false } as const;
    const plain = built(conv.layers.depthwiseConv2d(args), x);
    const layer = conv.layers.deformableConv2d({ ...args, depthwise: true, modulated: false });
    callLayer(layer, x);
    layer.setWeights([weightOf(plain, 'depthwise_kernel'), ...layer.getWeights().slice(1)]);
    await expectClose(callLayer(layer, x), callLayer(plain, x), tolerance);
  });

  it('DeformableConv2D accepts offsets and mask as inputs', async () => {
    const x = randomTensor(11, [2, 5, 6, 2]);
    const offset = randomTensor(12, [2, 5, 6, 18], -2, 2);
    const mask = randomTensor(13, [2, 5, 6, 9], 0, 1);
    const args = { filters: 3, kernelSize: 3, padding: 'same', predictOffsets: false } as const;
    for (const inputs of [
      [x, offset],
      [x, offset, mask],
    ]) {
      const layer = built(conv.layers.deformableConv2d(args), inputs);
      const kernel = { filter: await weightValues(layer, 'kernel'), bias: await weightValues(layer, 'bias') };
      const given = {
        x: await values(x),
        offset: await values(offset),
        ...(inputs.length === 3 && { mask: await values(mask) }),
      };
      await expectClose(
        callLayer(layer, inputs),
        deformConv2d({ ...given, ...kernel }, { padding: 'same' }),
        10 * tolerance,
      );
    }
  });

  it('DeformableConv2D keeps offsets within offsetLimit', async () => {
    const x = randomTensor(14, [1, 6, 6, 2]);
    const offset = randomTensor(15, [1, 6, 6, 18], -3, 3);
    const args = { filters: 3, kernelSize: 3, padding: 'same', predictOffsets: false } as const;
    const limited = built(conv.layers.deformableConv2d({ ...args, offsetLimit: 0.75 }), [x, offset]);
    const free = built(conv.layers.deformableConv2d(args), [x, offset]);
    free.setWeights(limited.getWeights());
    const clamped = tf.clipByValue(offset, -0.75, 0.75);
    await expectSameBits(callLayer(limited, [x, offset]), callLayer(free, [x, clamped]));
  });

  it('offsetLearningRateMultiplier scales only the gradients of the offset convolution', async () => {
    const x = randomTensor(16, [1, 5, 5, 2]);
    const gradientsAt = async (offsetLearningRateMultiplier: number): Promise<Record<string, Array64>> => {
      const args = { filters: 2, kernelSize: 3, padding: 'same', offsetLearningRateMultiplier } as const;
      const layer = built(conv.layers.deformableConv2d(args), x);
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(callLayer(layer, x))));
      const [dx] = tf.grads((image) => tf.sum(tf.square(callLayer(layer, image))))([x]);
      const all: Record<string, Array64> = { x: await values(dx!) };
      for (const { name, originalName } of layer.trainableWeights) {
        all[originalName.split('/')[1]!] = await values(grads[name]!);
      }
      return all;
    };
    const [full, tenth] = [await gradientsAt(1), await gradientsAt(0.1)];
    for (const [name, gradient] of Object.entries(full)) {
      const factor = name.startsWith('offset') ? 0.1 : 1;
      await expectClose(
        tenth[name]!,
        map(gradient, (value) => value * factor),
        tolerance,
        name,
      );
    }
  });

  it('channelsFirst layers equal channelsLast ones on transposed images', async () => {
    const x = randomTensor(17, [2, 6, 5, 4]);
    const first = tf.transpose(x, TO_FIRST);
    const pairs = (['channelsLast', 'channelsFirst'] as const).map((dataFormat) => [
      conv.layers.conv2d({ filters: 6, kernelSize: 3, groups: 2, activation: 'softmax', dataFormat }),
      conv.layers.depthwiseConv2d({ kernelSize: 3, strides: [1, 2], dataFormat }),
      conv.layers.depthwiseSeparableConv2d({ filters: 3, kernelSize: 2, midBatchNormalization: true, dataFormat }),
      conv.layers.dilatedConv2d({ filters: 3, kernelSize: 2, dataFormat }),
      conv.layers.pointwiseConv2d({ filters: 3, strides: 2, dataFormat }),
      conv.layers.deformableConv2d({ filters: 3, kernelSize: 3, padding: 1, dataFormat }),
      conv.layers.deformableConv2d({ kernelSize: 3, depthwise: true, depthMultiplier: 2, dataFormat }),
      conv.layers.batchNormalization({ axis: dataFormat === 'channelsFirst' ? 1 : -1 }),
    ]);
    for (const [index, last] of pairs[0]!.entries()) {
      const other = pairs[1]![index]!;
      built(last, x);
      built(other, first).setWeights(last.getWeights());
      await expectClose(tf.transpose(callLayer(other, first), TO_LAST), callLayer(last, x), tolerance);
    }
  });
});
