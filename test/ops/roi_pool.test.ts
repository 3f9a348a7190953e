/** roiPool and psRoiPool against the float64 oracle: value and the gradient of x, over all backends. */
import * as tf from '@tensorflow/tfjs';
import { array64, type Array64 } from '../oracle/array64.js';
import type { RoiPoolOptions } from '../oracle/roi_pool.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { checkOp, toTensors, valueAndGradients } from '../support/gradient_check.js';
import type { Shape4 } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { boxesOf, distinct, roiCase, roiInputs, roiOracle, runRoi } from '../support/roi.js';
import { scoped } from '../support/scoped.js';

type Form = readonly [title: string, x: Shape4, boxCount: number, options: RoiPoolOptions];

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const FORMS: readonly Form[] = [
  ['defaults', [2, 6, 7, 3], 6, { outputSize: [2, 3] }],
  ['a scale', [3, 7, 6, 2], 5, { outputSize: [3, 2], spatialScale: 0.25 }],
  ['one bin', [2, 6, 7, 3], 5, { outputSize: [1, 1], spatialScale: 0.5 }],
  ['more bins than pixels', [1, 4, 5, 2], 4, { outputSize: [7, 9] }],
  ['a row of pixels', [2, 1, 9, 2], 4, { outputSize: [2, 3] }],
  ['a column of pixels', [2, 9, 1, 2], 4, { outputSize: [3, 2] }],
  ['one pixel', [2, 1, 1, 3], 4, { outputSize: [2, 2] }],
];

const NAMES = ['roiPool', 'psRoiPool'] as const;

function imageOf(
  name: (typeof NAMES)[number],
  [n, h, w, c]: Shape4,
  [height, width]: readonly [number, number],
): Shape4 {
  return [n, h, w, name === 'roiPool' ? c : c * height * width];
}

const cases = NAMES.flatMap((name) =>
  FORMS.map(([title, x, boxCount, options], index) => {
    const inputs = distinct(roiInputs(index + 1, imageOf(name, x, options.outputSize), boxCount, options));
    return [`${name}(): ${title}`, roiCase(name, inputs, options)] as const;
  }),
);

/** Channel counts around the widths of vector registers. */
const channelCases = [1, 2, 3, 4, 5, 7, 8, 9, 16, 19].map((channels) => {
  const options = { outputSize: [2, 3] } as const;
  return [
    `${channels} channels`,
    roiCase('roiPool', distinct(roiInputs(channels, [2, 5, 6, channels], 3)), options),
  ] as const;
});

/** Boxes that no sane detector produces, and edges at every half: ties, which round away from zero. */
const STRANGE = boxesOf(
  [-20, -20, -10, -10],
  [30, 2, 40, 4],
  [2, 30, 4, 40],
  [-50, -60, 70, 80],
  [-3e38, -3e38, 3e38, 3e38],
  [3, 3, 3, 3],
  [5, 4, 2, 1],
  [0, 0, 6, 7],
  [-1.5, -0.5, 0.5, 1.5],
  [-0.5, -2.5, 2.5, 3.5],
  [0.5, 1.5, 4.5, 5.5],
  [0.49999997, 1.4999999, 2.4999998, 3.4999998],
);

const strangeCases = NAMES.flatMap((name) =>
  [1, 0.5].map((spatialScale) => {
    const options = { outputSize: [2, 3], spatialScale } as const;
    const inputs = {
      x: new Random(90).array(imageOf(name, [1, 6, 7, 2], options.outputSize)),
      boxes: STRANGE,
      boxIndices: array64([STRANGE.shape[0]!]),
    };
    return [`${name}(), scale ${spatialScale}`, roiCase(name, distinct(inputs), options)] as const;
  }),
);

/** A one-channel image and a box. */
function single(image: readonly (readonly number[])[], box: readonly [number, number, number, number]) {
  const [height, width] = [image.length, image[0]!.length];
  return {
    x: array64([1, height, width, 1], (index) => image[Math.floor(index / width)]![index % width]!),
    boxes: boxesOf(box),
    boxIndices: array64([1]),
  };
}

describeBackends('RoI pooling', (backend) => {
  test.each([...cases, ...channelCases])('matches the oracle in value and gradient: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(strangeCases)('reads boxes outside, reversed and at ties as the oracle does: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test('roiPool() rounds ties away from zero', async () => {
    // Rows 1 (0.5 rounds up) to 3 (2.5 rounds up), columns −1 (−0.5 rounds down) to 2.
    const image = [0, 1, 2, 3, 4].map((row) => [0, 1, 2, 3].map((column) => 10 * row + column));
    const inputs = single(image, [0.5, -0.5, 2.5, 1.5]);
    await scoped(async () => {
      const y = runRoi('roiPool', { outputSize: [3, 4] })(toTensors(inputs));
      // The column outside the image is an empty bin.
      expect([...(await values(y)).data]).toEqual([0, 10, 11, 12, 0, 20, 21, 22, 0, 30, 31, 32]);
    });
  });

  test('psRoiPool() never reads the last row and column', async () => {
    const inputs = single(
      [
        [1, 2, 100],
        [3, 4, 100],
        [100, 100, 100],
      ],
      [0, 0, 3, 3],
    );
    await scoped(async () => {
      const run = runRoi('psRoiPool', { outputSize: [1, 1] });
      const { y, gradients } = valueAndGradients(run, toTensors(inputs), ['x'], tf.ones([1, 1, 1, 1]));
      expect([...(await values(y)).data]).toEqual([2.5]);
      expect([...(await values(gradients['x']!)).data]).toEqual([0.25, 0.25, 0, 0.25, 0.25, 0, 0, 0, 0]);
    });
  });

  test.each([1, 4, 5])('roiPool() gives the gradient to the first of equal pixels, %d channels', async (channels) => {
    const inputs = {
      x: array64([1, 4, 5, channels], () => 7),
      boxes: boxesOf([1, 1, 2, 3]),
      boxIndices: array64([1]),
    };
    await scoped(async () => {
      const run = runRoi('roiPool', { outputSize: [1, 1] });
      const { gradients } = valueAndGradients(run, toTensors(inputs), ['x'], tf.ones([1, 1, 1, channels]));
      const want = array64(inputs.x.shape, (index) => (Math.floor(index / channels) === 6 ? 1 : 0));
      await expectClose(gradients['x']!, want, 0);
    });
  });

  test.each([1, 4, 5])('roiPool() skips NaN and finds −∞, %d channels', async (channels) => {
    // Four bins: NaN and numbers, NaN alone, −∞ alone, −∞ and a number.
    const rows = [
      [NaN, 2, NaN, NaN],
      [-3, NaN, NaN, NaN],
      [-Infinity, -Infinity, -Infinity, -5],
      [-Infinity, -Infinity, -Infinity, -Infinity],
    ];
    const inputs = {
      x: array64([1, 4, 4, channels], (index) => {
        const pixel = Math.floor(index / channels);
        return rows[Math.floor(pixel / 4)]![pixel % 4]!;
      }),
      boxes: boxesOf([0, 0, 3, 3]),
      boxIndices: array64([1]),
    };
    const each = (list: readonly number[], shape: readonly number[]): Array64 =>
      array64(shape, (index) => list[Math.floor(index / channels)]!);
    await scoped(async () => {
      const run = runRoi('roiPool', { outputSize: [2, 2] });
      const { y, gradients } = valueAndGradients(run, toTensors(inputs), ['x'], tf.ones([1, 2, 2, channels]));
      await expectClose(y, each([2, -Infinity, -Infinity, -5], [1, 2, 2, channels]), 0);
      const gradient = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
      await expectClose(gradients['x']!, each(gradient, [1, 4, 4, channels]), 0);
    });
  });

  test('keeps bins of a whole number of pixels to themselves where the quotient is rounded', async () => {
    // 3 / 82 · 82 in float32 or float64 need not be 3: bins are counted in integers.
    for (const bins of [41, 47, 49, 55, 61, 82, 98, 110]) {
      const inputs = {
        x: array64([1, 3, 1, 1], (row) => row + 1),
        boxes: boxesOf([0, 0, 2, 0]),
        boxIndices: array64([1]),
      };
      const options = { outputSize: [bins, 1] } as const;
      await scoped(async () => {
        const y = runRoi('roiPool', options)(toTensors(inputs));
        await expectClose(y, roiOracle('roiPool', inputs, options), 0, `${bins} bins`);
        const want = array64([1, bins, 1, 1], (bin) => Math.ceil(((bin + 1) * 3) / bins));
        await expectClose(y, want, 0, `${bins} bins`);
      });
    }
  });
});
