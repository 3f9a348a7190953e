/** deformRoiPool against the float64 oracle: value and the gradients of x and offset, over all backends. */
import * as tf from '@tensorflow/tfjs';
import { array64, type Array64 } from '../oracle/array64.js';
import type { RoiAlignOptions } from '../oracle/roi_align.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { checkOp, toTensors, valueAndGradients } from '../support/gradient_check.js';
import type { Shape4 } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { boxesOf, roiCase, roiInputs, roiOracle, runRoi } from '../support/roi.js';
import { scoped } from '../support/scoped.js';

type Form = readonly [title: string, x: Shape4, boxCount: number, options: RoiAlignOptions];

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const FORMS: readonly Form[] = [
  ['defaults', [2, 6, 7, 3], 5, { outputSize: [2, 3] }],
  ['two samples', [2, 7, 6, 3], 5, { outputSize: [3, 2], samplingRatio: 2 }],
  ['a scale and a large gamma', [2, 6, 7, 2], 4, { outputSize: [2, 3], spatialScale: 0.25, gamma: 0.75 }],
  ['a negative gamma', [1, 6, 7, 3], 4, { outputSize: [2, 3], samplingRatio: 3, gamma: -0.2 }],
  ['one bin', [1, 6, 7, 3], 4, { outputSize: [1, 1] }],
  ['a row of pixels', [2, 1, 9, 2], 4, { outputSize: [2, 3], samplingRatio: 2 }],
  ['one pixel', [2, 1, 1, 3], 4, { outputSize: [2, 2], samplingRatio: 2 }],
];

const cases = FORMS.map(([title, x, boxCount, options], index) => {
  const offset = [...options.outputSize, 2];
  const inputs = roiInputs(index + 1, x, boxCount, { spatialScale: options.spatialScale, offset });
  return [title, roiCase('deformRoiPool', inputs, options)] as const;
});

/** Channel counts around the widths of vector registers and of the blocks of a sum. */
const channelCases = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 21].map((channels) => {
  const inputs = roiInputs(channels, [2, 5, 6, channels], 3, { offset: [2, 3, 2] });
  return [`${channels} channels`, roiCase('deformRoiPool', inputs, { outputSize: [2, 3] })] as const;
});

const HEIGHT = 3;
const WIDTH = 4;
const STEP = 2 ** -12;

/** Positions on, just inside and just outside every edge of an axis, all exact in float32. */
function edgePositions(size: number): number[] {
  return [-1, 0, 1, size - 1, size].flatMap((edge) => [edge - STEP, edge, edge + STEP]).concat([-0.5, size - 0.5]);
}

/** Boxes of 2×2 whose only sample the offset moves from (1, 1) to each pair of edge positions in turn. */
const targets = edgePositions(HEIGHT).flatMap((y) => edgePositions(WIDTH).map((x) => [y, x] as const));
const sweep = {
  x: new Random(91).array([1, HEIGHT, WIDTH, 3]),
  boxes: boxesOf(...targets.map(() => [0.5, 0.5, 2.5, 2.5] as const)),
  boxIndices: array64([targets.length]),
  offset: array64([targets.length, 1, 1, 2], (index) => targets[Math.floor(index / 2)]![index % 2]! - 1),
};

/** A copy of the array in which every third element is replaced. */
function sprinkle(array: Array64, replacements: readonly number[]): Array64 {
  let count = 0;
  return array64(array.shape, (index) =>
    index % 3 === 1 ? replacements[count++ % replacements.length]! : array.data[index]!,
  );
}

const NOWHERE = [NaN, Infinity, -Infinity, 1e9, -1e9, 3e38, -3e38];

describeBackends('deformRoiPool()', (backend) => {
  test.each([...cases, ...channelCases])('matches the oracle in value and gradients: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test('samples at exactly −1, 0, H − 1 and H as the oracle does, with right-hand slopes', async () => {
    const options = { outputSize: [1, 1], samplingRatio: 1, gamma: 0.5 } as const;
    await checkOp(roiCase('deformRoiPool', sweep, options, { kink: true }), backend.tolerance);
  });

  test('reads nothing at offsets that are huge or not finite', async () => {
    const inputs = roiInputs(92, [2, 6, 7, 5], 6, { offset: [2, 3, 2] });
    const ruined = { ...inputs, offset: sprinkle(inputs.offset!, NOWHERE) };
    const op = roiCase('deformRoiPool', ruined, { outputSize: [2, 3], samplingRatio: 2 }, { kink: true });
    await checkOp(op, backend.tolerance);
  });

  test('without offsets, and with offsets of 0, is roiAlign() of an aligned box', async () => {
    const options = { outputSize: [2, 3], spatialScale: 0.5 } as const;
    const inputs = roiInputs(93, [2, 6, 7, 5], 5, { spatialScale: 0.5, offset: [2, 3, 2] });
    const { offset, ...regions } = inputs;
    const want = roiOracle('roiAlign', regions, { ...options, aligned: true });
    await scoped(async () => {
      const run = runRoi('deformRoiPool', options);
      await expectClose(run(toTensors(regions)), want, backend.tolerance, 'without');
      await expectClose(
        run(toTensors({ ...regions, offset: array64(offset!.shape) })),
        want,
        backend.tolerance,
        'with 0',
      );
    });
    await checkOp(roiCase('deformRoiPool', regions, options), backend.tolerance);
  });

  test('has a zero offset gradient where the sample is clamped to the edge', async () => {
    // The sample is at (−0.5, 2.5): above the first row, between columns 2 and 3.
    const inputs = {
      x: array64([1, 3, 4, 1], (index) => index ** 2),
      boxes: boxesOf([-1, 2, 1, 4]),
      boxIndices: array64([1]),
      offset: array64([1, 1, 1, 2]),
    };
    await scoped(async () => {
      const run = runRoi('deformRoiPool', { outputSize: [1, 1], samplingRatio: 1, gamma: 1 });
      const { y, gradients } = valueAndGradients(run, toTensors(inputs), ['offset'], tf.ones([1, 1, 1, 1]));
      expect([...(await values(y)).data]).toEqual([6.5]);
      // x: the slope of one pixel, 9 − 4, times gamma and the width of the box.
      expect([...(await values(gradients['offset']!)).data]).toEqual([0, 10]);
    });
  });
});
