/**
 * deformConv2d at the edges of its formulas: sampling locations at integers, at and around −1 and the far sides,
 * offsets that are huge or not finite, and pixels that are not finite.
 */
import * as tf from '@tensorflow/tfjs';
import { array64, type Array64 } from '../oracle/array64.js';
import {
  deformConv2d as deformOracle,
  deformConv2dGradients,
  type DeformConv2DInputs,
  type DeformConv2DOptions,
} from '../oracle/deform_conv2d.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { checkOp, toTensor, toTensors, valueAndGradients } from '../support/gradient_check.js';
import { deformInputs, type Shape4 } from '../support/inputs.js';
import { deformConv2dCase, runDeformConv2d } from '../support/ops.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const HEIGHT = 3;
const WIDTH = 4;

/** Positions on, just inside and just outside every edge of an axis, all exact in float32. */
function edgePositions(size: number): number[] {
  const step = 2 ** -12;
  return [-1, 0, 1, size - 1, size]
    .flatMap((edge) => [edge - step, edge, edge + step])
    .concat([-2, -0.5, size - 0.5, size + 1]);
}

/** A 1×1 kernel whose only sample takes each pair of edge positions in turn. */
function sweep(channels: number): DeformConv2DInputs {
  const targets = edgePositions(HEIGHT).flatMap((y) => edgePositions(WIDTH).map((x) => [y, x] as const));
  const pixels = HEIGHT * WIDTH;
  const batch = Math.ceil(targets.length / pixels);
  const random = new Random(11);
  const offset = array64([batch, HEIGHT, WIDTH, 2], (index) => {
    const position = Math.floor(index / 2);
    const axis = index % 2;
    const pixel = position % pixels;
    const base = axis === 0 ? Math.floor(pixel / WIDTH) : pixel % WIDTH;
    return targets[position % targets.length]![axis as 0 | 1] - base;
  });
  return {
    x: random.array([batch, HEIGHT, WIDTH, channels]),
    offset,
    filter: random.array([1, 1, channels, 2]),
    mask: random.array([batch, HEIGHT, WIDTH, 1], 0.5, 1),
  };
}

/** The same inputs as one filter per channel. */
function depthwise({ filter, ...rest }: DeformConv2DInputs): DeformConv2DInputs {
  const [kernelHeight, kernelWidth, channels, outChannels] = filter.shape as [number, number, number, number];
  const data = array64([kernelHeight, kernelWidth, 1, channels], (index) => filter.data[index * outChannels]!).data;
  return { ...rest, filter: { shape: [kernelHeight, kernelWidth, 1, channels], data } };
}

/** A copy of the array in which every `period`-th element, counted from `first`, is replaced. */
function sprinkle(array: Array64, period: number, first: number, replacements: readonly number[]): Array64 {
  let count = 0;
  return array64(array.shape, (index) =>
    index % period === first ? replacements[count++ % replacements.length]! : array.data[index]!,
  );
}

/** A filter with all weights of one tap replaced. */
function poison(filter: Array64, tap: number, weight: number): Array64 {
  const perTap = filter.shape[2]! * filter.shape[3]!;
  return array64(filter.shape, (index) => (Math.floor(index / perTap) === tap ? weight : filter.data[index]!));
}

/** A copy in which every value that is not finite is NaN. */
function spoilt({ shape, data }: Array64): Array64 {
  return array64(shape, (index) => (Number.isFinite(data[index]) ? data[index]! : NaN));
}

const FORMS: readonly [title: string, x: Shape4, filter: Shape4, options: DeformConv2DOptions][] = [
  ['one group', [2, 4, 5, 6], [3, 2, 6, 5], { padding: [1, 0] }],
  ['groups', [2, 4, 5, 6], [3, 2, 2, 9], { groups: 3, offsetGroups: 2, padding: [1, 0] }],
  ['depthwise', [2, 4, 5, 6], [3, 2, 1, 6], { groups: 6, offsetGroups: 3, padding: [1, 0] }],
];

const NOWHERE = [NaN, Infinity, -Infinity, 1e9, -1e9, 3e38, -3e38, 2 ** 31, -(2 ** 31), 2 ** 32];
const NO_NUMBERS = [NaN, Infinity, -Infinity];

describeBackends('deformConv2d() at its edges', (backend) => {
  test.each([1, 3, 4, 8])('samples at every edge of the image as the oracle does, %d channels', async (channels) => {
    await checkOp(deformConv2dCase(sweep(channels), {}, { kink: true }), backend.tolerance);
  });

  test.each([3, 4, 8])(
    'samples at every edge of the image as the oracle does, depthwise, %d channels',
    async (channels) => {
      await checkOp(
        deformConv2dCase(depthwise(sweep(channels)), { groups: channels }, { kink: true }),
        backend.tolerance,
      );
    },
  );

  test.each([1, 8])(
    'has zero offset gradients at exactly −1 where offsets start at zero, %d groups',
    async (groups) => {
      const options = { padding: 1, groups } as const;
      const inputs = deformInputs(21, [1, 4, 5, 8], [3, 3, 8 / groups, 8], options, { mask: true });
      const atZero = { ...inputs, offset: array64(inputs.offset.shape) };
      await checkOp(deformConv2dCase(atZero, options, { kink: true }), backend.tolerance);
      await scoped(async () => {
        const dy = tf.ones([1, 4, 5, 8]);
        const { gradients } = valueAndGradients(runDeformConv2d(options), toTensors(atZero), ['offset', 'mask'], dy);
        // Output row 0, kernel row 0 reads row −1 of the image.
        const offset = tf.slice(tf.reshape(gradients['offset']!, [4, 5, 3, 6]), [0, 0, 0, 0], [1, 5, 1, 6]);
        const mask = tf.slice(tf.reshape(gradients['mask']!, [4, 5, 3, 3]), [0, 0, 0, 0], [1, 5, 1, 3]);
        expect([...(await offset.data()), ...(await mask.data())].every((value) => value === 0)).toBe(true);
      });
    },
  );

  test.each(FORMS)('reads nothing at offsets that are huge or not finite: %s', async (_, x, filter, options) => {
    const inputs = deformInputs(22, x, filter, options);
    const offset = sprinkle(inputs.offset, 3, 1, NOWHERE);
    await checkOp(deformConv2dCase({ ...inputs, offset }, options, { kink: true }), backend.tolerance);
  });

  test.each(FORMS)('ignores a NaN mask where the sample reads nothing: %s', async (_, x, filter, options) => {
    const inputs = deformInputs(23, x, filter, options);
    const offset = sprinkle(inputs.offset, 6, 1, NOWHERE);
    const mask = sprinkle(inputs.mask!, 3, 0, [NaN, Infinity]);
    const poisoned = { ...inputs, offset, mask };
    expect(deformOracle(poisoned, options).data.every(Number.isFinite)).toBe(true);
    await checkOp(deformConv2dCase(poisoned, options, { kink: true }), backend.tolerance);
  });

  describe.each(NO_NUMBERS)('with a filter of %d', (noNumber) => {
    test.each(FORMS)('ignores it where the samples read nothing: %s', async (_, x, filter, options) => {
      const inputs = deformInputs(24, x, filter, options);
      const taps = filter[0] * filter[1];
      // Tap 1 reads nothing anywhere, on one axis or on both, and its weights are no numbers.
      const offset = array64(inputs.offset.shape, (index) => {
        const sample = Math.floor(index / 2);
        const moves = sample % 3 === 2 || index % 2 === sample % 3;
        return sample % taps === 1 && moves ? NOWHERE[sample % NOWHERE.length]! : inputs.offset.data[index]!;
      });
      const poisoned = { ...inputs, offset, filter: poison(inputs.filter, 1, noNumber) };
      expect(deformOracle(poisoned, options).data.every(Number.isFinite)).toBe(true);
      await checkOp(deformConv2dCase(poisoned, options, { kink: true }), backend.tolerance);
    });

    test.each(FORMS)('ignores it where the taps lie on the padding: %s', async (_, x, filter, options) => {
      const inputs = deformInputs(30, x, filter, options);
      // At zero offsets tap 0 lies above the image in the first row of outputs, and inside it in the others.
      const offset = array64(inputs.offset.shape);
      const poisoned = { ...inputs, offset, filter: poison(inputs.filter, 0, noNumber) };
      const finite = deformOracle(poisoned, options).data.map((value) => Number(Number.isFinite(value)));
      expect(new Set(finite)).toEqual(new Set([0, 1]));
      await scoped(async () => {
        const got = runDeformConv2d(options)(toTensors(poisoned));
        const want = spoilt(deformOracle(poisoned, options));
        await expectClose(spoilt(await values(got)), want, backend.tolerance);
      });
    });
  });

  test.each(FORMS)('ignores a NaN gradient where the samples read nothing: %s', async (_, x, filter, options) => {
    const inputs = deformInputs(31, x, filter, options);
    const shape = deformOracle(inputs, options).shape;
    // In every second row of outputs no sample reads anything, and the gradient is no number.
    const rowOf = (array: Array64, index: number): number =>
      Math.floor(index / (array.shape[2]! * array.shape[3]!)) % 2;
    const offset = array64(inputs.offset.shape, (index) =>
      rowOf(inputs.offset, index) === 0 && index % 2 === 0
        ? NOWHERE[(index / 2) % NOWHERE.length]!
        : inputs.offset.data[index]!,
    );
    const random = new Random(32).array(shape);
    const dy = array64(shape, (index) => (rowOf(random, index) === 0 ? NO_NUMBERS[index % 3]! : random.data[index]!));
    const wanted = deformConv2dGradients({ ...inputs, offset }, dy, options);
    const names = ['x', 'offset', 'filter', 'mask'] as const;
    await scoped(async () => {
      const tensors = toTensors({ ...inputs, offset });
      const { gradients } = valueAndGradients(runDeformConv2d(options), tensors, names, toTensor(dy));
      for (const name of names) {
        expect(wanted[name]!.data.every(Number.isFinite)).toBe(true);
        await expectClose(gradients[name]!, wanted[name]!, backend.tolerance, `d_${name}`);
      }
    });
  });

  test.each(FORMS)('keeps a NaN filter to the outputs whose samples it weighs: %s', async (_, x, filter, options) => {
    // Without padding and with offsets below one pixel every other sample lies inside.
    const inside = { ...options, padding: 'valid' } as const;
    const inputs = deformInputs(25, x, filter, inside, { reach: 1 });
    const taps = filter[0] * filter[1];
    // In every second image row tap 0 reads nothing; elsewhere its NaN weights count.
    const perRow = inputs.offset.data.length / inputs.offset.shape[0]! / inputs.offset.shape[1]!;
    const offset = array64(inputs.offset.shape, (index) =>
      Math.floor(index / perRow) % 2 === 0 && Math.floor(index / 2) % taps === 0
        ? NOWHERE[Math.floor(index / 2 / taps) % NOWHERE.length]!
        : inputs.offset.data[index]!,
    );
    const poisoned = { ...inputs, offset, filter: poison(inputs.filter, 0, NaN) };
    const want = deformOracle(poisoned, inside);
    expect(new Set(want.data.map((value) => Number(Number.isNaN(value))))).toEqual(new Set([0, 1]));
    await checkOp(deformConv2dCase(poisoned, inside, { kink: true }), backend.tolerance);
  });

  test.each(FORMS)('keeps an infinite pixel to the outputs that read it: %s', async (_, x, filter, options) => {
    const inputs = deformInputs(26, x, filter, options, { reach: 4 });
    // The first pixel of the batch is where an index of 0 for "outside" would lead. ∞ − ∞ and 0 · ∞ are NaN, so of an
    // output that reads the pixel only "not finite" is asked.
    const pixels = array64(x, (index) => (index < x[3] ? Infinity : inputs.x.data[index]!));
    const want = spoilt(deformOracle({ ...inputs, x: pixels }, options));
    expect(new Set(want.data.map((value) => Number(Number.isNaN(value))))).toEqual(new Set([0, 1]));
    await scoped(async () => {
      const got = runDeformConv2d(options)(toTensors({ ...inputs, x: pixels }));
      await expectClose(spoilt(await values(got)), want, backend.tolerance);
    });
  });

  test.each(FORMS)('keeps a ruined image of a batch to itself: %s', async (_, x, filter, options) => {
    const inputs = deformInputs(27, x, filter, options);
    const ruin = (array: Array64): Array64 =>
      array64(array.shape, (index) => (index < array.data.length / 2 ? NaN : array.data[index]!));
    const dy = new Random(28).array(deformOracle(inputs, options).shape);
    const names = ['x', 'offset', 'mask'] as const;
    const half = (array: Array64): Array64 => ({
      shape: [1, ...array.shape.slice(1)],
      data: array.data.slice(array.data.length / 2),
    });
    await scoped(async () => {
      // All of image 0 is NaN but its offsets, which still read; image 1 must come out as it does alone.
      const ruined = toTensors({ ...inputs, x: ruin(inputs.x), mask: ruin(inputs.mask!) });
      const alone = toTensors({ ...inputs, x: half(inputs.x), mask: half(inputs.mask!), offset: half(inputs.offset) });
      const both = valueAndGradients(runDeformConv2d(options), ruined, names, toTensor(ruin(dy)));
      const one = valueAndGradients(runDeformConv2d(options), alone, names, toTensor(half(dy)));
      await expectClose(half(await values(both.y)), one.y, backend.tolerance, 'y');
      for (const name of names) {
        await expectClose(
          half(await values(both.gradients[name]!)),
          one.gradients[name]!,
          backend.tolerance,
          `d_${name}`,
        );
      }
    });
  });

  test('keeps the precision of its fractions far from the origin', async () => {
    // At 3000 the floats are 2⁻¹² apart: a position that is rounded to one has lost half of the digits of its fraction.
    const random = new Random(29);
    const inputs = {
      x: random.array([1, 1, 4000, 1]),
      offset: random.offsets([1, 1, 4000, 2], 1),
      filter: random.array([1, 1, 1, 1]),
    };
    await checkOp(deformConv2dCase(inputs, {}), 1e-6);
  });

  test('gives the same at an offset just below −1 on every call', async () => {
    // y = 0 − 1.0000001: outside by one unit in the last place.
    const below = -1 - 2 ** -23;
    await scoped(async () => {
      const x = tf.ones<tf.Rank.R4>([1, 1, 1, 4]);
      const filter = tf.ones<tf.Rank.R4>([1, 1, 4, 1]);
      const read = (y: number): tf.Tensor =>
        runDeformConv2d({})({ x, filter, offset: tf.tensor4d([y, 0], [1, 1, 1, 2]) });
      await expectSameBits(read(below), tf.zeros([1, 1, 1, 1]));
      expect((await read(-1 + 2 ** -24).data())[0]).toBeCloseTo(4 * 2 ** -24, 12);
    });
  });
});
