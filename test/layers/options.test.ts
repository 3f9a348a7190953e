/** Arguments of layers: names, defaults, errors, regularizers and constraints. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { ACTIVATIONS } from '../../src/layers/config.js';
import { expectClose } from '../support/compare.js';
import {
  callLayer,
  expectRefusal,
  loadModel,
  randomizeWeights,
  randomTensor,
  saveModel,
  weightOf,
} from './support/layers.js';

beforeAll(() => tf.setBackend('cpu'));

test('a layer whose weights or output have too many elements says so before it allocates any', () => {
  const build = (options: conv.Conv2DArgs): tf.Sequential =>
    tf.sequential({ layers: [conv.layers.conv2d({ ...options, name: 'huge' })] });
  expect(() => build({ filters: 3e8, kernelSize: 3, inputShape: [3, 3, 4] })).toThrow(
    "Cannot build layer 'huge': kernel must have fewer than 2³¹ elements, received kernel.shape = [3, 3, 4, 300000000]",
  );
  expect(() => build({ filters: 4, kernelSize: 3, padding: 1e5, inputShape: [12, 12, 4] })).toThrow(
    "Cannot build layer 'huge': output must have fewer than 2³¹ elements, received output.shape = [null, 200010, 200010, 4]",
  );
  expect(() => build({ filters: 4, kernelSize: 1, inputShape: [1e5, 1e5, 4] })).toThrow(
    'Cannot build layer Conv2D: inputShape must have fewer than 2³¹ elements, received inputShape = [100000, 100000, 4]',
  );
});

describe('default layer names', () => {
  it('are derived from the bare class name and differ', () => {
    const [a, b] = [
      conv.layers.deformableConv2d({ filters: 1, kernelSize: 1 }),
      conv.layers.deformableConv2d({ filters: 1, kernelSize: 1 }),
    ];
    expect(a.name).toMatch(/^deformable_conv2d_\d+$/);
    expect(b.name).toMatch(/^deformable_conv2d_\d+$/);
    expect(a.name).not.toBe(b.name);
    expect(conv.layers.batchNormalization().name).toMatch(/^batch_normalization_\d+$/);
    expect(conv.layers.conv2d({ name: 'mine', filters: 1, kernelSize: 1 }).name).toBe('mine');
  });

  it('do not collide with those of tfjs in one model', () => {
    const model = tf.sequential();
    model.add(conv.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] }));
    model.add(tf.layers.conv2d({ filters: 1, kernelSize: 1 }));
    model.add(conv.layers.conv2d({ filters: 1, kernelSize: 1 }));
    expect(new Set(model.layers.map(({ name }) => name)).size).toBe(3);
  });
});

describe('defaults', () => {
  it("are Keras's", () => {
    expect(conv.layers.conv2d({ filters: 1, kernelSize: 1 }).getConfig()).toMatchObject({
      strides: [1, 1],
      padding: 'valid',
      dilationRate: [1, 1],
      groups: 1,
      dataFormat: 'channelsLast',
      activation: 'linear',
      useBias: true,
      kernelInitializer: {
        className: 'VarianceScaling',
        config: { mode: 'fanAvg', distribution: 'uniform', scale: 1 },
      },
      biasInitializer: { className: 'Zeros', config: {} },
    });
    expect(conv.layers.batchNormalization().getConfig()).toMatchObject({ axis: -1, momentum: 0.99, epsilon: 0.001 });
    expect(conv.layers.deformableConv2d({ filters: 1, kernelSize: 1 }).getConfig()).toMatchObject({
      padding: 'valid',
      modulated: true,
      maskActivation: 'sigmoid',
      offsetGroups: 1,
      offsetLearningRateMultiplier: 1,
      predictOffsets: true,
    });
  });
});

describe('unknown sizes', () => {
  it('remain unknown in the output shape', () => {
    const layer = conv.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 });
    expect(layer.computeOutputShape([null, null, 9, 2])).toEqual([null, null, 4, 4]);
    const first = conv.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', dataFormat: 'channelsFirst' });
    expect(first.computeOutputShape([null, 2, 5, null])).toEqual([null, 2, 5, null]);
  });
});

describe('activations', () => {
  it.each(ACTIVATIONS)('%s is applied, and restored from a file', async (activation) => {
    const layer = conv.layers.pointwiseConv2d({ filters: 3, activation, inputShape: [2, 2, 2] });
    const model = tf.sequential({ layers: [layer] });
    const x = randomTensor(1, [1, 2, 2, 2]);
    const plain = conv.layers.pointwiseConv2d({ filters: 3 });
    callLayer(plain, x);
    plain.setWeights(layer.getWeights());
    // TensorFlow.js lacks one, and its type misses another.
    const isOwn = activation === 'hardSwish';
    const reference = isOwn ? conv.layers.hardSwish() : tf.layers.activation({ activation: activation as 'relu' });
    const expected = reference.apply(callLayer(plain, x)) as tf.Tensor;
    await expectClose(model.predict(x) as tf.Tensor, expected, 1e-6);
    await expectClose((await loadModel(await saveModel(model))).predict(x) as tf.Tensor, expected, 1e-6);
  });
});

describe("Keras's names of activations", () => {
  it.each([
    ['hard_swish', 'hardSwish'],
    ['hard_silu', 'hardSwish'],
    ['hardSilu', 'hardSwish'],
    ['silu', 'swish'],
    ['geluNew', 'gelu_new'],
  ])('%s is %s', (given, identifier) => {
    const args = { filters: 3, activation: given as 'swish' };
    expect(conv.layers.pointwiseConv2d(args).getConfig().activation).toBe(identifier);
  });

  it('hardSwish is saved as Keras writes it', async () => {
    const layer = conv.layers.conv2d({ filters: 1, kernelSize: 1, activation: 'hardSwish', inputShape: [2, 2, 1] });
    const { modelTopology } = await saveModel(tf.sequential({ layers: [layer] }));
    expect(JSON.stringify(modelTopology)).toContain('"activation":"hard_swish"');
  });
});

describe('dtype', () => {
  it.each(['int32', 'bool', 'float16'])('%s is rejected by a layer that computes in float32', (dtype) => {
    expect(() => conv.layers.conv2d({ filters: 1, kernelSize: 1, dtype: dtype as 'int32' })).toThrow(
      /^Cannot build layer Conv2D: dtype must be one of 'float32', received dtype = /,
    );
  });

  it('int32 is accepted by a layer that only moves values', () => {
    const model = tf.sequential({ layers: [conv.layers.identity({ inputShape: [2], dtype: 'int32' })] });
    expect((model.predict(tf.ones([1, 2], 'int32')) as tf.Tensor).dtype).toBe('int32');
  });
});

describe('regularizers', () => {
  it('add to the loss', () => {
    const layer = conv.layers.depthwiseSeparableConv2d({
      filters: 2,
      kernelSize: 2,
      depthwiseRegularizer: tf.regularizers.l2({ l2: 0.5 }),
      pointwiseRegularizer: tf.regularizers.l1({ l1: 2 }),
      biasRegularizer: 'l2',
    });
    callLayer(layer, tf.zeros([1, 3, 3, 2]));
    randomizeWeights(layer, 1);
    const sum = (name: string, of: (x: tf.Tensor) => tf.Tensor): number =>
      tf.sum(of(weightOf(layer, name))).dataSync()[0]!;
    const losses = layer.calculateLosses().map((loss) => loss.dataSync()[0]!);
    const expected = [
      0.5 * sum('depthwise_kernel', tf.square),
      2 * sum('pointwise_kernel', tf.abs),
      0.01 * sum('bias', tf.square),
    ];
    expect(losses.length).toBe(3);
    losses.forEach((loss, index) => {
      expect(loss).toBeCloseTo(expected[index]!, 5);
    });
  });
});

describe('constraints', () => {
  it('hold after every step of an optimizer', () => {
    const layer = conv.layers.conv2d({ filters: 2, kernelSize: 1, kernelConstraint: 'nonNeg' });
    const x = tf.ones([1, 2, 2, 2]);
    callLayer(layer, x);
    const optimizer = tf.train.sgd(10);
    const before = tf.memory().numTensors;
    optimizer.minimize(() => tf.sum(callLayer(layer, x)));
    expect([...weightOf(layer, 'kernel').dataSync()]).toEqual([0, 0, 0, 0]);
    expect(tf.max(weightOf(layer, 'bias')).dataSync()[0]).toBeLessThan(0);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});

describe('refusals', () => {
  const name = 'mine';
  const base = { name, filters: 4, kernelSize: 3 };
  const cases: [string, () => unknown, ErrorConstructor, string][] = [
    [
      'an unknown option',
      () => conv.layers.conv2d({ ...base, dilation: 2 } as conv.Conv2DArgs),
      TypeError,
      "Cannot build layer 'mine': Conv2D takes only",
    ],
    [
      'padding that the layer does not support',
      () => conv.layers.pointwiseConv2d({ name, filters: 1, padding: 'same' } as conv.PointwiseConv2DArgs),
      TypeError,
      "received padding = 'same'",
    ],
    [
      'no filters',
      () => conv.layers.conv2d({ name, kernelSize: 3 } as conv.Conv2DArgs),
      TypeError,
      "Cannot build layer 'mine': filters must be an integer, received filters = undefined",
    ],
    ['zero filters', () => conv.layers.conv2d({ ...base, filters: 0 }), RangeError, 'received filters = 0'],
    ['a stride of 0', () => conv.layers.conv2d({ ...base, strides: [1, 0] }), RangeError, 'received strides = 0'],
    [
      'groups that do not divide the filters',
      () => conv.layers.conv2d({ ...base, groups: 3 }),
      RangeError,
      "Cannot build layer 'mine': groups must divide filters (4), received groups = 3",
    ],
    [
      'groups that do not divide the input',
      () => conv.layers.conv2d({ ...base, groups: 2 }).apply(tf.zeros([1, 4, 4, 3])),
      RangeError,
      'groups must divide the input channels (3), received groups = 2',
    ],
    [
      'an input that is not an image batch',
      () => conv.layers.conv2d(base).apply(tf.zeros([4, 4, 3])),
      RangeError,
      "Cannot build layer 'mine': inputs must be image batches of rank 4, received input shape = [4, 4, 3]",
    ],
    [
      'a kernel that does not fit',
      () => conv.layers.conv2d(base).apply(tf.zeros([1, 2, 2, 3])),
      RangeError,
      'received input size = [2, 2]',
    ],
    [
      'an unknown activation',
      () => conv.layers.conv2d({ ...base, activation: 'Dense' as 'relu' }),
      RangeError,
      "received activation = 'Dense'",
    ],
    [
      'an unknown initializer',
      () => conv.layers.conv2d({ ...base, kernelInitializer: 'relu' }),
      RangeError,
      "received kernelInitializer = 'relu'",
    ],
    [
      'a layer as a constraint',
      () => conv.layers.conv2d({ ...base, kernelConstraint: { className: 'Dense', config: { units: 1 } } }),
      RangeError,
      "Cannot build layer 'mine': kernelConstraint must be",
    ],
    [
      'a number as a regularizer',
      () => conv.layers.conv2d({ ...base, biasRegularizer: 1 as never }),
      TypeError,
      'received biasRegularizer = 1',
    ],
    [
      'a string as a boolean',
      () => conv.layers.conv2d({ ...base, useBias: 'no' as never }),
      TypeError,
      "useBias must be true or false, received useBias = 'no'",
    ],
    [
      'an unknown data format',
      () => conv.layers.conv2d({ ...base, dataFormat: 'NCHW' as never }),
      RangeError,
      "received dataFormat = 'NCHW'",
    ],
    ['momentum of 1', () => conv.layers.batchNormalization({ name, momentum: 1 }), RangeError, 'received momentum = 1'],
    [
      'a negative epsilon',
      () => conv.layers.batchNormalization({ name, epsilon: -1 }),
      RangeError,
      'received epsilon = -1',
    ],
    [
      'the batch axis as the channel axis',
      () => conv.layers.batchNormalization({ name, axis: 0 }).apply(tf.zeros([2, 2])),
      RangeError,
      'received axis = 0',
    ],
    [
      'an activation that is not fused',
      () => conv.layers.batchNormalization({ name, activation: 'tanh' as never }),
      RangeError,
      "received activation = 'tanh'",
    ],
    [
      'filters for a depthwise layer',
      () => conv.layers.deformableConv2d({ ...base, depthwise: true }),
      TypeError,
      'a depthwise layer has depthMultiplier instead of filters, received filters = 4',
    ],
    [
      'depthMultiplier for a layer that is not depthwise',
      () => conv.layers.deformableConv2d({ ...base, depthMultiplier: 2 }),
      RangeError,
      'depthMultiplier requires depthwise: true',
    ],
    [
      'offset groups that do not divide the input',
      () => conv.layers.deformableConv2d({ ...base, offsetGroups: 2 }).apply(tf.zeros([1, 4, 4, 3])),
      RangeError,
      'offsetGroups must divide the input channels (3), received offsetGroups = 2',
    ],
    [
      'offsets for a layer that predicts them',
      () => conv.layers.deformableConv2d(base).apply([tf.zeros([1, 4, 4, 3]), tf.zeros([1, 2, 2, 18])]),
      RangeError,
      'with predictOffsets = true the layer takes x only, received number of inputs = 2',
    ],
    [
      'no offsets for a layer that does not',
      () => conv.layers.deformableConv2d({ ...base, predictOffsets: false }).apply(tf.zeros([1, 4, 4, 3])),
      RangeError,
      'the layer takes [x, offset] or [x, offset, mask], received number of inputs = 1',
    ],
    [
      'a negative offset limit',
      () => conv.layers.deformableConv2d({ ...base, offsetLimit: -1 }),
      RangeError,
      'received offsetLimit = -1',
    ],
    [
      'an unknown mask activation',
      () => conv.layers.deformableConv2d({ ...base, maskActivation: 'softmax' as never }),
      RangeError,
      "received maskActivation = 'softmax'",
    ],
  ];

  it.each(cases)('%s', (_, build, kind, message) => {
    expectRefusal(build, kind, message);
  });
});
