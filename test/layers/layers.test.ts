/** Runs every layer through the harness, with every argument different from its default at least once. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { LAYERS } from '../../src/layers/registry.js';
import { runLayerTest } from './support/run_layer_test.js';

runLayerTest('Conv2D', {
  Layer: conv.Conv2D,
  args: { filters: 4, kernelSize: 3 },
  inputShapes: [[2, 6, 5, 3]],
  outputShape: [2, 4, 3, 4],
  trainable: { kernel: [3, 3, 3, 4], bias: [4] },
});

runLayerTest('Conv2D with every option', {
  Layer: conv.Conv2D,
  args: {
    filters: 6,
    kernelSize: [3, 2],
    strides: [2, 1],
    padding: [
      [2, 1],
      [1, 0],
    ],
    paddingMode: 'reflect',
    dilationRate: [1, 2],
    groups: 2,
    dataFormat: 'channelsFirst',
    activation: 'gelu_new',
    useBias: true,
    kernelInitializer: tf.initializers.heNormal({ seed: 3 }),
    biasInitializer: 'ones',
    kernelRegularizer: tf.regularizers.l2({ l2: 0.001 }),
    biasRegularizer: 'l1',
    kernelConstraint: tf.constraints.maxNorm({ maxValue: 3, axis: 0 }),
    biasConstraint: 'nonNeg',
  },
  inputShapes: [[2, 4, 7, 6]],
  outputShape: [2, 6, 4, 5],
  trainable: { kernel: [3, 2, 2, 6], bias: [6] },
});

runLayerTest('DilatedConv2D', {
  Layer: conv.DilatedConv2D,
  args: { filters: 3, kernelSize: 3, useBias: false },
  inputShapes: [[2, 7, 6, 2]],
  outputShape: [2, 7, 6, 3],
  trainable: { kernel: [3, 3, 2, 3] },
});

runLayerTest('PointwiseConv2D', {
  Layer: conv.PointwiseConv2D,
  args: { filters: 6, groups: 2, strides: [2, 3], activation: 'tanh', kernelConstraint: 'unitNorm' },
  inputShapes: [[2, 5, 7, 4]],
  outputShape: [2, 3, 3, 6],
  trainable: { kernel: [1, 1, 2, 6], bias: [6] },
});

runLayerTest('DepthwiseConv2D', {
  Layer: conv.DepthwiseConv2D,
  args: {
    kernelSize: [2, 3],
    strides: 2,
    padding: 'same',
    paddingMode: 'replicate',
    dilationRate: [2, 1],
    depthMultiplier: 2,
    depthwiseInitializer: 'heUniform',
    depthwiseRegularizer: 'l2',
    depthwiseConstraint: 'minMaxNorm',
  },
  inputShapes: [[2, 7, 6, 3]],
  outputShape: [2, 4, 3, 6],
  trainable: { depthwise_kernel: [2, 3, 3, 2], bias: [6] },
});

runLayerTest('DepthwiseSeparableConv2D', {
  Layer: conv.DepthwiseSeparableConv2D,
  args: { filters: 5, kernelSize: 3, padding: 'same', depthMultiplier: 2 },
  inputShapes: [[2, 5, 4, 3]],
  outputShape: [2, 5, 4, 5],
  trainable: { depthwise_kernel: [3, 3, 3, 2], pointwise_kernel: [1, 1, 6, 5], bias: [5] },
});

runLayerTest("DepthwiseSeparableConv2D as MobileNet's block", {
  Layer: conv.DepthwiseSeparableConv2D,
  args: {
    filters: 5,
    kernelSize: [3, 2],
    strides: [1, 2],
    padding: 1,
    paddingMode: 'circular',
    dilationRate: 2,
    dataFormat: 'channelsFirst',
    midBatchNormalization: true,
    midActivation: 'elu',
    useBias: false,
    depthwiseInitializer: 'leCunNormal',
    pointwiseInitializer: tf.initializers.constant({ value: 0.25 }),
    depthwiseRegularizer: 'l1l2',
    pointwiseRegularizer: 'l2',
    depthwiseConstraint: 'maxNorm',
    pointwiseConstraint: 'nonNeg',
  },
  inputShapes: [[3, 4, 6, 6]],
  outputShape: [3, 5, 4, 3],
  trainable: {
    depthwise_kernel: [3, 2, 4, 1],
    mid_gamma: [4],
    mid_beta: [4],
    pointwise_kernel: [1, 1, 4, 5],
  },
  nonTrainable: { mid_moving_mean: [4], mid_moving_variance: [4] },
});

runLayerTest('DeformableConv2D', {
  Layer: conv.DeformableConv2D,
  args: { filters: 4, kernelSize: 3, padding: 'same' },
  inputShapes: [[2, 6, 5, 3]],
  outputShape: [2, 6, 5, 4],
  trainable: { kernel: [3, 3, 3, 4], bias: [4], offset_kernel: [3, 3, 3, 27], offset_bias: [27] },
});

runLayerTest('DeformableConv2D with every option', {
  Layer: conv.DeformableConv2D,
  args: {
    filters: 6,
    kernelSize: [2, 3],
    strides: [2, 1],
    padding: [
      [1, 0],
      [2, 1],
    ],
    dilationRate: [1, 2],
    groups: 2,
    modulated: true,
    maskActivation: 'doubleSigmoid',
    offsetGroups: 4,
    offsetLimit: 3,
    offsetLearningRateMultiplier: 0.5,
    offsetInitializer: tf.initializers.randomUniform({ minval: -0.1, maxval: 0.1, seed: 5 }),
    dataFormat: 'channelsFirst',
    activation: 'softplus',
    kernelInitializer: 'orthogonal',
    kernelRegularizer: 'l2',
    kernelConstraint: 'maxNorm',
  },
  inputShapes: [[2, 4, 6, 5]],
  outputShape: [2, 6, 3, 4],
  trainable: { kernel: [2, 3, 2, 6], bias: [6], offset_kernel: [2, 3, 4, 72], offset_bias: [72] },
});

runLayerTest('DeformableConv2D version 1, depthwise', {
  Layer: conv.DeformableConv2D,
  args: {
    kernelSize: 3,
    strides: 2,
    padding: 1,
    depthwise: true,
    depthMultiplier: 2,
    modulated: false,
    offsetGroups: 3,
    useBias: false,
  },
  inputShapes: [[2, 7, 6, 3]],
  outputShape: [2, 4, 3, 6],
  trainable: { depthwise_kernel: [3, 3, 3, 2], offset_kernel: [3, 3, 3, 54], offset_bias: [54] },
});

runLayerTest('DeformableConv2D with offsets given', {
  Layer: conv.DeformableConv2D,
  args: { filters: 3, kernelSize: 2, predictOffsets: false },
  inputShapes: [
    [2, 5, 4, 2],
    [2, 4, 3, 8],
  ],
  outputShape: [2, 4, 3, 3],
  trainable: { kernel: [2, 2, 2, 3], bias: [3] },
});

runLayerTest('DeformableConv2D with offsets and mask given, channels first', {
  Layer: conv.DeformableConv2D,
  args: { filters: 3, kernelSize: 2, predictOffsets: false, dataFormat: 'channelsFirst' },
  inputShapes: [
    [2, 2, 5, 4],
    [2, 8, 4, 3],
    [2, 4, 4, 3],
  ],
  outputShape: [2, 3, 4, 3],
  trainable: { kernel: [2, 2, 2, 3], bias: [3] },
});

runLayerTest('BatchNormalization', {
  Layer: conv.BatchNormalization,
  args: { activation: 'relu6' },
  inputShapes: [[4, 3, 2, 3]],
  outputShape: [4, 3, 2, 3],
  trainable: { gamma: [3], beta: [3] },
  nonTrainable: { moving_mean: [3], moving_variance: [3] },
});

runLayerTest('BatchNormalization with every option', {
  Layer: conv.BatchNormalization,
  args: {
    axis: 1,
    momentum: 0.9,
    epsilon: 0.01,
    center: true,
    scale: false,
    activation: 'linear',
    betaInitializer: 'ones',
    gammaInitializer: 'zeros',
    movingMeanInitializer: 'ones',
    movingVarianceInitializer: tf.initializers.constant({ value: 2 }),
    betaRegularizer: 'l2',
    betaConstraint: 'nonNeg',
    gammaRegularizer: 'l1',
    gammaConstraint: 'unitNorm',
  },
  inputShapes: [[4, 3, 2, 5]],
  outputShape: [4, 3, 2, 5],
  trainable: { beta: [3] },
  nonTrainable: { moving_mean: [3], moving_variance: [3] },
});

describe('layers', () => {
  it('are handed to runLayerTest with the arguments of their class, optional or not', () => {
    const typed: typeof runLayerTest = () => undefined;
    const rest = { inputShapes: [[1, 2, 2, 1]], outputShape: [1, 2, 2, 1], trainable: {} };
    typed('optional', { Layer: conv.ReflectPad2D, args: { padding: 1 }, ...rest });
    typed('required', { Layer: conv.PointwiseConv2D, args: { filters: 1 }, ...rest });
    // @ts-expect-error: no such argument
    typed('optional', { Layer: conv.ReflectPad2D, args: { paddings: 1 }, ...rest });
    // @ts-expect-error: filters are missing
    typed('required', { Layer: conv.PointwiseConv2D, args: {}, ...rest });
    // @ts-expect-error: arguments must be given, be they none
    typed('optional', { Layer: conv.ReflectPad2D, args: undefined, ...rest });
  });

  it('registers every class under a unique name and leaves the layers of tfjs in place', () => {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    for (const Layer of LAYERS) {
      expect(Layer.className).toMatch(/^Convolutions>\w+$/);
      expect(classNameMap[Layer.className]![0]).toBe(Layer);
      expect(tf.serialization.getRegisteredName(Layer as never)).toBe(Layer.className);
    }
    expect(tf.layers.conv2d({ filters: 1, kernelSize: 1 })).not.toBeInstanceOf(conv.Conv2D);
    expect(classNameMap.Conv2D![0]).not.toBe(conv.Conv2D);
  });
});
