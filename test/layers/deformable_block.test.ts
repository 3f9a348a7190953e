/** DeformableConv2DV3 and V4: the blocks of the papers, part by part. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { built, callLayer, expectFormatsAgree, expectRefusal, randomTensor, snapshot } from './support/layers.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('DeformableConv2DV3', {
  Layer: conv.DeformableConv2DV3,
  args: { groups: 2, centerFeatureScale: true },
  inputShapes: [[2, 5, 4, 4]],
  outputShape: [2, 5, 4, 4],
  trainable: {
    input_kernel: [1, 1, 4, 4],
    input_bias: [4],
    depthwise_kernel: [3, 3, 4, 1],
    depthwise_bias: [4],
    norm_gamma: [4],
    norm_beta: [4],
    offset_kernel: [1, 1, 4, 36],
    offset_bias: [36],
    mask_kernel: [1, 1, 4, 18],
    mask_bias: [18],
    center_kernel: [1, 1, 4, 2],
    center_bias: [2],
    output_kernel: [1, 1, 4, 4],
    output_bias: [4],
  },
});

runLayerTest('DeformableConv2DV4 with every option', {
  Layer: conv.DeformableConv2DV4,
  args: {
    kernelSize: [3, 5],
    strides: 2,
    dilationRate: [2, 1],
    groups: 2,
    offsetScale: 0.5,
    removeCenter: true,
    depthwiseKernelSize: 3,
    useBias: false,
    kernelInitializer: 'heNormal',
    kernelRegularizer: 'l2',
    dataFormat: 'channelsFirst',
  },
  inputShapes: [[2, 4, 5, 6]],
  outputShape: [2, 4, 3, 3],
  trainable: {
    input_kernel: [1, 1, 4, 4],
    input_bias: [4],
    depthwise_kernel: [3, 3, 4, 1],
    depthwise_bias: [4],
    offset_kernel: [1, 1, 4, 56],
    offset_bias: [56],
    mask_kernel: [1, 1, 4, 28],
    mask_bias: [28],
    output_kernel: [1, 1, 4, 4],
  },
});

/** A 1×1 convolution with bias. */
function linear(x: tf.Tensor, [kernel, bias]: readonly tf.Tensor[], strides = 1): tf.Tensor4D {
  return tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, strides, 'valid'), bias!);
}

/** One gate per group, repeated for all channels of the group. */
function repeat(gate: tf.Tensor, channels: number): tf.Tensor {
  const each = channels / gate.shape[3]!;
  return tf.concat(
    tf.split(gate, gate.shape[3]!, 3).flatMap((group) => Array.from({ length: each }, () => group)),
    3,
  );
}

describeBackends('deformable convolution blocks', ({ tolerance }) => {
  it('version 3 samples the projected input at offsets predicted from normalised depthwise features', async () => {
    const x = randomTensor(1, [2, 6, 5, 6]);
    for (const strides of [1, 2]) {
      const centerFeatureScale = strides === 1;
      const args = { groups: 3, kernelSize: 3, dilationRate: 2, offsetScale: 0.7, removeCenter: true, strides };
      const layer = built(conv.layers.deformableConv2dV3({ ...args, depthwiseKernelSize: 5, centerFeatureScale }), x);
      const weights = snapshot(layer);
      const of = (name: string): tf.Tensor[] => weights(`${name}_kernel`, `${name}_bias`);
      const value = linear(x, of('input'));
      const [kernel, bias] = of('depthwise');
      const features = conv.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, {
        bias: bias as tf.Tensor1D,
        strides,
        padding: 2,
      });
      const mean = tf.mean(features, 3, true);
      const variance = tf.mean(tf.square(tf.sub(features, mean)), 3, true);
      const [gamma, beta] = weights('norm_gamma', 'norm_beta');
      const normed = tf.add(tf.mul(tf.div(tf.sub(features, mean), tf.sqrt(tf.add(variance, 1e-6))), gamma!), beta!);
      const guide = tf.mul(tf.mul(normed, 0.5), tf.add(1, tf.erf(tf.div(normed, Math.SQRT2))));
      const { dilationRate, ...rest } = args;
      const options = { ...rest, dilations: dilationRate, padding: 2 };
      const sampled = conv.deformConv2dV3(value, linear(guide, of('offset')), linear(guide, of('mask')), options);
      const blended = (): tf.Tensor => {
        const gate = repeat(tf.sigmoid(linear(guide, of('center'))), 6);
        return tf.add(tf.mul(sampled, tf.sub(1, gate)), tf.mul(value, gate));
      };
      const wanted = linear(centerFeatureScale ? blended() : sampled, of('output'));
      await expectClose(callLayer(layer, x), wanted, 30 * tolerance);
    }
  });

  it('version 4 predicts unnormalised weights from the input itself', async () => {
    const x = randomTensor(2, [2, 6, 5, 6]);
    for (const [strides, usePointwise] of [
      [1, true],
      [2, false],
    ] as const) {
      const centerFeatureScale = strides === 1;
      const args = { groups: 2, kernelSize: 3, strides };
      const layer = built(conv.layers.deformableConv2dV4({ ...args, usePointwise, centerFeatureScale }), x);
      const weights = snapshot(layer);
      const of = (name: string): tf.Tensor[] => weights(`${name}_kernel`, `${name}_bias`);
      const value = usePointwise ? linear(x, of('input')) : (x as tf.Tensor4D);
      const [offset, mask] = ['offset', 'mask'].map((name) => linear(x, of(name), strides));
      let wanted: tf.Tensor = conv.deformConv2dV3(value, offset!, mask!, { ...args, padding: 1, softmax: false });
      if (centerFeatureScale) {
        const gate = repeat(tf.sigmoid(linear(wanted, of('center'))), 6);
        wanted = tf.add(tf.mul(wanted, tf.sub(1, gate)), tf.mul(value, gate));
      }
      if (usePointwise) wanted = linear(wanted, of('output'));
      await expectClose(callLayer(layer, x), wanted, 30 * tolerance);
    }
  });

  it('support channelsFirst', async () => {
    const x = randomTensor(3, [2, 4, 3, 4]);
    await expectFormatsAgree((f) => conv.layers.deformableConv2dV3({ groups: 2, ...f }), x, 10 * tolerance);
    await expectFormatsAgree((f) => conv.layers.deformableConv2dV4({ groups: 2, ...f }), x, 10 * tolerance);
  });
});

describe('deformable convolution blocks', () => {
  it('have as many parameters as the original modules', () => {
    // 64 channels, 4 groups, 3×3: two projections, depthwise convolution, norm, offsets, mask; version 4 unpadded.
    const args = { inputShape: [8, 7, 64] };
    const models = [conv.layers.deformableConv2dV3(args), conv.layers.deformableConv2dV4(args)].map((layer) =>
      tf.sequential({ layers: [layer] }),
    );
    const counts = models.map((model) => conv.cost(model).total);
    const [projections, predicted] = [2 * (64 * 64 + 64), 65 * 4 * 9 * 3];
    expect(counts.map(({ params }) => params.trainable)).toEqual([
      projections + predicted + 64 * 10 + 128,
      projections + predicted,
    ]);
    expect(counts.map(({ macs }) => macs)).toEqual([2 * 4096 * 56, 2 * 4096 * 56]);
    expect(counts.map(({ offsetMacs }) => offsetMacs)).toEqual([(64 * 108 + 64 * 9) * 56, 64 * 108 * 56]);
    expect(counts.map(({ otherOps }) => otherOps.sampling)).toEqual([56 * 9 * 64, 56 * 9 * 64]);
    for (const model of models) {
      const field = conv.receptiveField(model).layers.at(-1);
      expect(field).toMatchObject({ size: [3, 3], padding: [1, 1], dataDependent: true });
    }
  });

  it('reject invalid arguments', () => {
    const { deformableConv2dV3, deformableConv2dV4 } = conv.layers;
    expectRefusal(
      () => deformableConv2dV3({ name: 'mine', kernelSize: 4 }),
      RangeError,
      "Cannot build layer 'mine': kernelSize must be odd, received kernelSize = [4, 4]",
    );
    expectRefusal(
      () => deformableConv2dV4({ strides: 2, centerFeatureScale: true }),
      RangeError,
      'centerFeatureScale requires strides of 1, received strides = [2, 2]',
    );
    expectRefusal(
      () => deformableConv2dV3().apply(tf.zeros([1, 4, 4, 6])),
      RangeError,
      'groups must divide the input channels (6), received groups = 4',
    );
  });
});
