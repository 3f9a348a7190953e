/** Convolutions with operands in half precision, packHalf and unpackHalf, against float64 on rounded operands. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { activate } from '../oracle/activation.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { conv2d as conv2dOracle, type Conv2DInputs } from '../oracle/conv2d.js';
import { deformConv2d as deformOracle } from '../oracle/deform_conv2d.js';
import { depthwiseConv2d as depthwiseOracle, type DepthwiseConv2DInputs } from '../oracle/depthwise_conv2d.js';
import { halfValue, toHalf } from '../oracle/half.js';
import { expectRefusal } from '../layers/support/layers.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { toTensors } from '../support/gradient_check.js';
import { conv2dInputs, deformInputs, depthwiseInputs, type Shape4 } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

/** Values at which roundings differ: ties, powers of two and their neighbours, subnormals, the ends of the range. */
function edges(): number[] {
  const units = [-25, -24, -23, -15, -14, -1, 0, 1, 5, 15].flatMap((power) => {
    const unit = 2 ** power;
    return [1, 1 + 2 ** -11, 1 + 2 ** -10, 1 + 3 * 2 ** -11, 1 + 2 ** -12, 1 + 2 ** -11 + 2 ** -22, 1 - 2 ** -12].map(
      (factor) => factor * unit,
    );
  });
  const ends = [0, 2 ** -26, 2 ** -149, 65488, 65503.9, 65504, 65519.9, 65520, 65536, 1e5, 3e38, Infinity, 0.1, 1 / 3];
  return [...units, ...ends].flatMap((value) => [value, -value]);
}

/** Values of all magnitudes. */
function spreadOut(count: number): number[] {
  const random = new Random(1);
  return Array.from(random.array([count], -1, 1).data, (value) => value * 2 ** ((value * 2 ** 20) % 40));
}

const half = (array: Array64): Array64 => array64(array.shape, (index) => toHalf(array.data[index]!));

type Storage = readonly [image: 'single' | 'half', result: 'single' | 'half'];
const STORAGES: readonly Storage[] = [
  ['single', 'single'],
  ['half', 'single'],
  ['single', 'half'],
  ['half', 'half'],
];

interface Case {
  readonly title: string;
  readonly inputs: Conv2DInputs | DepthwiseConv2DInputs;
  readonly options: conv.Conv2DOptions;
  readonly oracle: (inputs: Conv2DInputs & DepthwiseConv2DInputs, options: never) => Array64;
  readonly run: (x: tf.Tensor4D, filter: tf.Tensor4D, options: conv.DepthwiseConv2DOptions) => tf.Tensor4D;
  readonly packFilter: (filter: tf.Tensor4D) => tf.Tensor4D;
}

function dense(title: string, x: Shape4, filter: Shape4, options: conv.Conv2DOptions, bias = true): Case {
  const inputs = conv2dInputs(title.length, x, filter, { bias });
  return { title, inputs, options, oracle: conv2dOracle, run: conv.conv2d, packFilter: conv.packHalf };
}

function depthwise(title: string, x: Shape4, filter: Shape4, options: conv.DepthwiseConv2DOptions, bias = true): Case {
  const inputs = depthwiseInputs(title.length, x, filter, { bias });
  const packFilter = (weights: tf.Tensor4D): tf.Tensor4D => {
    const [height, width, channels, multiplier] = weights.shape;
    return conv.packHalf(tf.reshape<tf.Rank.R4>(weights, [height, width, channels * multiplier] as never));
  };
  return { title, inputs, options, oracle: depthwiseOracle, run: conv.depthwiseConv2d, packFilter };
}

const CASES: readonly Case[] = [
  dense('conv2d with stride, dilation and padding', [2, 7, 6, 4], [3, 2, 4, 6], {
    strides: [2, 1],
    dilations: [1, 2],
    padding: [1, 2],
    activation: 'relu',
  }),
  dense('pointwise conv2d', [1, 5, 7, 36], [1, 1, 36, 70], { activation: 'relu6' }, false),
  dense('conv2d in groups of an odd number of channels', [1, 5, 4, 6], [3, 3, 3, 6], { groups: 2, padding: 'same' }),
  dense('conv2d in groups of an even one', [1, 5, 4, 8], [3, 3, 4, 8], { groups: 2 }, false),
  dense('conv2d with another padding mode', [1, 5, 4, 2], [3, 3, 2, 4], { padding: 1, paddingMode: 'reflect' }),
  depthwise('depthwiseConv2d', [2, 7, 9, 8], [3, 3, 8, 1], { padding: 'same', activation: 'relu6' }),
  depthwise('depthwiseConv2d with stride', [1, 8, 7, 4], [3, 2, 4, 1], { strides: 2, dilations: [2, 1] }, false),
  depthwise('depthwiseConv2d with a multiplier', [1, 6, 5, 6], [2, 3, 6, 3], { padding: 1 }),
];

describeBackends('half precision', ({ tolerance }) => {
  test('packHalf() rounds to the nearest half, ties to even, and unpackHalf() restores it', async () => {
    await scoped(async () => {
      const values = [...edges(), NaN, 1, ...spreadOut(2048)].map(Math.fround);
      const restored = await conv.unpackHalf(conv.packHalf(tf.tensor1d(values))).data();
      const wrong = values
        .map((value, index) => ({ value, got: restored[index]!, want: toHalf(value) }))
        .filter(({ got, want }) => !Object.is(got, want));
      expect(wrong).toEqual([]);
    });
  });

  test('packHalf() puts the first of two neighbours into the low half of a word', async () => {
    await scoped(async () => {
      const packed = conv.packHalf(tf.tensor2d([[1, -2, 0.5, 65504]]));
      expect({ shape: packed.shape, dtype: packed.dtype }).toEqual({ shape: [1, 2], dtype: 'int32' });
      expect([...(await packed.data())].map((word) => (word >>> 0).toString(16))).toEqual(['c0003c00', '7bff3800']);
    });
  });

  test('unpackHalf() gives the value of every half', async () => {
    await scoped(async () => {
      const words = Int32Array.from({ length: 2 ** 15 }, (_, i) => (2 * i) | ((2 * i + 1) << 16));
      const values = await conv.unpackHalf(tf.tensor1d(words, 'int32')).data();
      const wrong = Array.from(values, (value, bits) => ({ bits, value, want: halfValue(bits) }));
      expect(wrong.filter(({ value, want }) => !Object.is(value, want))).toEqual([]);
    });
  });

  describe.each(STORAGES)('with a %s image and a %s result', (image, result) => {
    test.each(CASES)('$title matches the oracle on rounded operands', async (given) => {
      const { inputs, options, oracle, run, packFilter } = given;
      await scoped(async () => {
        const { x, filter, bias } = toTensors(inputs);
        const stored = image === 'half' ? conv.packHalf(x as tf.Tensor4D) : (x as tf.Tensor4D);
        const given4 = {
          ...options,
          bias: bias as tf.Tensor1D | undefined,
          precision: 'half',
          outputPrecision: result,
        } as const;
        const output = run(stored, packFilter(filter as tf.Tensor4D), given4);
        const y = result === 'half' ? conv.unpackHalf(output) : output;
        const rounded = {
          ...inputs,
          x: image === 'half' ? half(inputs.x) : inputs.x,
          filter: half(inputs.filter),
        };
        const linear = oracle(rounded, options as never);
        const want = activate(linear, options.activation ?? 'linear');
        await expectClose(y, want, tolerance + (result === 'half' ? 2 ** -11 : 0));
      });
    });
  });

  test.each([
    ['deformConv2d', [1, 5, 6, 4], [3, 2, 4, 6], { padding: 1 }, { mask: true, bias: true }],
    ['deformConv2d without a mask', [1, 5, 6, 4], [3, 3, 2, 4], { groups: 2 }, { mask: false, bias: false }],
    ['depthwise deformConv2d', [1, 5, 6, 8], [3, 3, 1, 8], { groups: 8 }, { mask: true, bias: false }],
    ['depthwise deformConv2d of few channels', [1, 5, 6, 2], [3, 3, 1, 2], { groups: 2 }, { mask: false, bias: true }],
  ] as const)('%s matches the oracle on a rounded filter', async (_, x, filter, options, parts) => {
    const inputs = deformInputs(5, x, filter, options, parts);
    await scoped(async () => {
      const { x: image, offset, filter: weights, mask, bias } = toTensors(inputs);
      const y = conv.deformConv2d(image as tf.Tensor4D, offset as tf.Tensor4D, conv.packHalf(weights as tf.Tensor4D), {
        ...options,
        mask: mask as tf.Tensor4D | undefined,
        bias: bias as tf.Tensor1D | undefined,
        precision: 'half',
      });
      await expectClose(y, deformOracle({ ...inputs, filter: half(inputs.filter) }, options), tolerance);
    });
  });

  test('a float32 filter is packed at the call', async () => {
    await scoped(async () => {
      const [x, filter] = [tf.ones<tf.Rank.R3>([4, 4, 2]), tf.fill<tf.Rank.R4>([1, 1, 2, 2], 0.1)];
      const y = conv.conv2d(x, filter, { precision: 'half' });
      expect(y.shape).toEqual([4, 4, 2]);
      expect((await y.data())[0]).toBeCloseTo(2 * toHalf(0.1), 6);
      const depthwiseY = conv.depthwiseConv2d(x, tf.fill([2, 2, 2, 1], 0.1), {
        precision: 'half',
        outputPrecision: 'half',
      });
      expect(depthwiseY.shape).toEqual([3, 3, 1]);
      expect((await conv.unpackHalf(depthwiseY).data())[0]).toBeCloseTo(toHalf(4 * toHalf(0.1)), 6);
    });
  });

  test('NaN and infinity stay, and a batch of 0 is empty', async () => {
    await scoped(async () => {
      const filter = conv.packHalf(tf.tensor4d([NaN, 1, Infinity, 1e9], [1, 1, 1, 4]));
      const y = conv.conv2d(tf.ones<tf.Rank.R4>([1, 1, 1, 1]), filter, { precision: 'half', activation: 'relu' });
      expect([...(await y.data())]).toEqual([NaN, 1, Infinity, 65504]);
      const none = conv.conv2d(tf.ones<tf.Rank.R4>([0, 3, 3, 1]), filter, {
        precision: 'half',
        outputPrecision: 'half',
      });
      expect({ shape: none.shape, dtype: none.dtype }).toEqual({ shape: [0, 3, 3, 2], dtype: 'int32' });
    });
  });
});

describe('half precision', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const x = (): tf.Tensor4D => tf.ones([1, 3, 3, 2]);
  const filter = (): tf.Tensor4D => tf.ones([1, 1, 2, 2]);

  test('has no gradient', () => {
    const gradient = (f: (image: tf.Tensor4D) => tf.Tensor) => () =>
      tf.grad((image: tf.Tensor) => f(image as tf.Tensor4D))(x());
    const rule = "precision 'half' is for inference and has no gradient";
    const options = { precision: 'half' } as const;
    expectRefusal(
      gradient((image) => conv.conv2d(image, filter(), options)),
      RangeError,
      rule,
    );
    expectRefusal(
      gradient((image) => conv.depthwiseConv2d(image, tf.ones([1, 1, 2, 1]), options)),
      RangeError,
      rule,
    );
    const offset = tf.zeros<tf.Rank.R4>([1, 3, 3, 2]);
    expectRefusal(
      gradient((image) => conv.deformConv2d(image, offset, filter(), options)),
      RangeError,
      rule,
    );
  });

  test.each<[string, () => unknown, typeof RangeError | typeof TypeError, string]>([
    ['an odd axis', () => conv.packHalf(tf.ones([3])), RangeError, 'the last axis of x must be even'],
    ['packing integers', () => conv.packHalf(tf.ones([2], 'int32')), TypeError, 'x must be a float32 tensor'],
    ['unpacking floats', () => conv.unpackHalf(tf.ones([2])), TypeError, 'x must be an int32 tensor'],
    [
      'a packed operand in single precision',
      () => conv.conv2d(conv.packHalf(x()), filter()),
      TypeError,
      'x must be a float32 tensor',
    ],
    [
      'a packed result in single precision',
      () => conv.conv2d(x(), filter(), { outputPrecision: 'half' }),
      RangeError,
      "outputPrecision 'half' requires precision 'half'",
    ],
    [
      'an odd number of output channels',
      () => conv.conv2d(x(), tf.ones([1, 1, 2, 3]), { precision: 'half' }),
      RangeError,
      "precision 'half' requires an even number of output channels",
    ],
    [
      'a packed depthwise filter for other channels',
      () => conv.depthwiseConv2d(x(), tf.ones([1, 1, 3, 1], 'int32'), { precision: 'half' }),
      RangeError,
      'filter must have rank 3',
    ],
    ['another precision', () => conv.conv2d(x(), filter(), { precision: 'double' as never }), RangeError, 'precision'],
  ])('refuses %s', (_, call, error, rule) => {
    expectRefusal(call, error, rule);
  });

  test('leaves nothing behind', () => {
    const [image, weights] = [conv.packHalf(x()), conv.packHalf(filter())];
    const before = tf.memory();
    tf.tidy(() => {
      conv.conv2d(image, weights, { precision: 'half', outputPrecision: 'half' });
    });
    const after = tf.memory();
    expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers]);
    tf.dispose([image, weights]);
  });
});
