/** deformTaps, the part of deformConv2dV3 before the sampling: values and gradients, and numbers at the edges of float32. */
import * as tf from '@tensorflow/tfjs';
import { placeOffsets, placeWeights, type TapOptions } from '../../src/ops/deform_taps/op.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { checkOp, toTensor, toTensors, valueAndGradients, type OpCase } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const PLAIN: TapOptions = {
  outputGrid: [2, 1, 3],
  groups: 2,
  kernel: [3, 5],
  dilations: [2, 1],
  removeCenter: false,
  offsetScale: 1,
  softmax: false,
};

const FORMS: readonly [title: string, options: Partial<TapOptions>][] = [
  ['a softmax', { softmax: true }],
  ['an even kernel in a softmax', { kernel: [2, 4], softmax: true, offsetScale: 0.5 }],
  ['no tap in the middle', { removeCenter: true }],
  ['a stretched grid', { offsetScale: 2.5 }],
  ['a grid of halves', { kernel: [4, 2], dilations: [3, 1], offsetScale: 0.5 }],
  ['a grid turned over, and no tap in the middle', { removeCenter: true, offsetScale: -1.5 }],
  ['everything at once', { removeCenter: true, softmax: true, offsetScale: 0.75 }],
  ['a tall kernel without its middle', { kernel: [5, 1], removeCenter: true, softmax: true }],
  ['two taps in a softmax', { kernel: [1, 3], removeCenter: true, softmax: true, offsetScale: 2 }],
  ['one tap, and that left out', { kernel: [1, 1], removeCenter: true, softmax: true, offsetScale: 2 }],
  ['one tap, left out of weights as they are', { kernel: [1, 1], removeCenter: true }],
  ['a batch of 0', { outputGrid: [0, 2, 3], removeCenter: true, softmax: true, offsetScale: 2 }],
];

/** Index of the tap among the given ones; undefined if it is omitted. */
function givenTap(tap: number, { kernel: [height, width], removeCenter }: TapOptions): number | undefined {
  const middle = (height * width - 1) / 2;
  if (!removeCenter || tap < middle) return tap;
  return tap === middle ? undefined : tap - 1;
}

function givenTaps({ kernel: [height, width], removeCenter }: TapOptions): number {
  return removeCenter ? height * width - 1 : height * width;
}

/** Offset of an omitted tap: so far away that it reads nothing. */
const OUT_OF_EVERY_IMAGE = 1e9;

/** 1 for every number of a given tap, 0 for those of the omitted tap. */
function givenOnes(options: TapOptions): Array64 {
  const taps = options.kernel[0] * options.kernel[1];
  return array64([...options.outputGrid, options.groups * taps * 2], (index) =>
    givenTap(Math.floor(index / 2) % taps, options) === undefined ? 0 : 1,
  );
}

function placedOffsets(offset: Array64, options: TapOptions): Array64 {
  const { outputGrid, groups, kernel, dilations, offsetScale } = options;
  const taps = kernel[0] * kernel[1];
  return array64([...outputGrid, groups * taps * 2], (index) => {
    const axis = index % 2;
    const tap = Math.floor(index / 2) % taps;
    const row = Math.floor(index / 2 / taps);
    const step = axis === 0 ? Math.floor(tap / kernel[1]) : tap % kernel[1];
    const half = (dilations[axis]! * (kernel[axis]! - 1)) >> 1;
    const given = givenTap(tap, options);
    if (given === undefined) return OUT_OF_EVERY_IMAGE;
    const shift = offset.data[(row * givenTaps(options) + given) * 2 + axis]!;
    // Of the grid that is read, half − half · scale + (step · dilation + shift) · scale, less its plain tap.
    return half - half * offsetScale + (step * dilations[axis]! + shift) * offsetScale - step * dilations[axis]!;
  });
}

function placedWeights(mask: Array64, options: TapOptions): Array64 {
  const { outputGrid, groups, kernel, softmax } = options;
  const taps = kernel[0] * kernel[1];
  const count = givenTaps(options);
  return array64([...outputGrid, groups * taps], (index) => {
    const given = givenTap(index % taps, options);
    if (given === undefined) return 0;
    const row = Math.floor(index / taps);
    const values = [...mask.data.slice(row * count, (row + 1) * count)];
    if (!softmax) return values[given]!;
    const largest = Math.max(...values);
    return Math.exp(values[given]! - largest) / values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  });
}

const runOffsets = (options: TapOptions) => (tensors: Readonly<Record<string, tf.Tensor | undefined>>) =>
  placeOffsets('test deformTaps', tensors['offset'] as tf.Tensor4D, options);
const runWeights = (options: TapOptions) => (tensors: Readonly<Record<string, tf.Tensor | undefined>>) =>
  placeWeights('test deformTaps', tensors['mask'] as tf.Tensor4D, options);

/** Inputs of a form; each is a case where something is done to it. */
const offsetCases = FORMS.flatMap(([title, form], index) => {
  const options = { ...PLAIN, ...form };
  if (options.offsetScale === 1 && !options.removeCenter) return [];
  const shape = [...options.outputGrid, options.groups * givenTaps(options) * 2];
  const ones = givenOnes(options);
  const inputs = { offset: new Random(index + 1).array(shape, -3, 3) };
  // Compared with the huge numbers, all others would look equal.
  const op: OpCase<{ offset: Array64 }> = {
    inputs,
    run: (tensors) => tf.mul(runOffsets(options)(tensors), toTensor(ones)),
    oracle: ({ offset }) => {
      const placed = placedOffsets(offset, options);
      return array64(placed.shape, (at) => placed.data[at]! * ones.data[at]!);
    },
  };
  const leftOut = async (): Promise<number[]> => {
    const placed = await runOffsets(options)(toTensors(inputs)).data();
    return [...placed].filter((_, at) => ones.data[at] === 0);
  };
  return [{ title, op, leftOut }];
});

const weightCases = FORMS.flatMap(([title, form], index) => {
  const options = { ...PLAIN, ...form };
  if (!options.softmax && !options.removeCenter) return [];
  const op: OpCase<{ mask: Array64 }> = {
    inputs: { mask: new Random(index + 51).array([...options.outputGrid, options.groups * givenTaps(options)], -2, 2) },
    run: runWeights(options),
    oracle: ({ mask }) => placedWeights(mask, options),
  };
  return [{ title, op }];
});

const EVERYTHING: TapOptions = {
  ...PLAIN,
  kernel: [3, 3],
  dilations: [1, 1],
  removeCenter: true,
  softmax: true,
  offsetScale: 0.5,
};

describeBackends('deformTaps()', (backend) => {
  test.each(offsetCases)('matches the formula in value and gradient of offsets: $title', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(offsetCases)('puts the tap that is left out where it reads nothing: $title', async ({ leftOut }) => {
    await scoped(async () => {
      expect(new Set(await leftOut())).toEqual(new Set((await leftOut()).length === 0 ? [] : [OUT_OF_EVERY_IMAGE]));
    });
  });

  test.each(weightCases)('matches the formula in value and gradient of weights: $title', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });

  test('hands on what is as it should be', () => {
    tf.tidy(() => {
      const [offset, mask] = [tf.ones<tf.Rank.R4>([2, 1, 3, 60]), tf.ones<tf.Rank.R4>([2, 1, 3, 30])];
      expect(placeOffsets('test deformTaps', offset, { ...PLAIN, softmax: true })).toBe(offset);
      expect(placeWeights('test deformTaps', mask, { ...PLAIN, offsetScale: 2 })).toBe(mask);
    });
  });

  test('keeps an offset that is no number to its own tap, in value and gradient', async () => {
    const offset = new Random(20).array([2, 1, 3, 32], -3, 3);
    offset.data.set([NaN, Infinity, -Infinity, NaN], 100);
    const want = placedOffsets(offset, EVERYTHING);
    expect([...want.data].filter((value) => !Number.isFinite(value))).toHaveLength(4);
    const ones = givenOnes(EVERYTHING);
    const given = array64(want.shape, (at) => want.data[at]! * ones.data[at]!);
    const dy = new Random(21).array(want.shape);
    // dy of an omitted tap is ignored.
    for (let row = 0; row < 12; row++) dy.data.set([NaN, Infinity], row * 18 + 8);
    const upstream = array64(offset.shape, (index) => {
      const at = index % 16;
      return 0.5 * dy.data[Math.floor(index / 16) * 18 + (at < 8 ? at : at + 2)]!;
    });
    await scoped(async () => {
      const run = runOffsets(EVERYTHING);
      const { y, gradients } = valueAndGradients(run, { offset: toTensor(offset) }, ['offset'], toTensor(dy));
      await expectClose(tf.mul(y, toTensor(ones)), given, backend.tolerance, 'y');
      await expectClose(gradients['offset']!, upstream, backend.tolerance, 'd_offset');
    });
  });

  test('takes logits of any size, and a gradient that is no number where a tap is left out', async () => {
    const random = new Random(22).array([2, 1, 3, 16], -2, 2);
    // Up to where an exponential by itself would be infinite or 0.
    const mask = array64(random.shape, (i) => Math.fround(random.data[i]! + (Math.floor(i / 8) - 6) * 50));
    mask.data.set([1e30, -1e30, 1e38, -1e38], 48);
    const want = placedWeights(mask, EVERYTHING);
    expect([...want.data].every((weight) => weight >= 0 && weight <= 1)).toBe(true);
    const dy = new Random(23).array(want.shape);
    for (let row = 0; row < 12; row++) dy.data[row * 9 + 4] = NaN;
    const upstream = array64(mask.shape, (index) => {
      const row = Math.floor(index / 8);
      const at = (tap: number): number => row * 9 + (tap < 4 ? tap : tap + 1);
      const total = Array.from({ length: 8 }, (_, tap) => want.data[at(tap)]! * dy.data[at(tap)]!);
      const mean = total.reduce((sum, value) => sum + value, 0);
      return want.data[at(index % 8)]! * (dy.data[at(index % 8)]! - mean);
    });
    await scoped(async () => {
      const run = runWeights(EVERYTHING);
      const { y, gradients } = valueAndGradients(run, { mask: toTensor(mask) }, ['mask'], toTensor(dy));
      await expectClose(y, want, backend.tolerance, 'y');
      await expectClose(gradients['mask']!, upstream, backend.tolerance, 'd_mask');
    });
  });
});
