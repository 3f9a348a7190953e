/** roiAlign and psRoiAlign against the float64 oracle: value and the gradient of x, over all backends. */
import { array64 } from '../oracle/array64.js';
import type { RoiAlignOptions } from '../oracle/roi_align.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import type { Shape4 } from '../support/inputs.js';
import { Random } from '../support/random.js';
import { boxesOf, roiCase, roiInputs, roiOracle, runRoi } from '../support/roi.js';
import { scoped } from '../support/scoped.js';

type Form = readonly [title: string, x: Shape4, boxCount: number, options: RoiAlignOptions];

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const FORMS: readonly Form[] = [
  ['defaults', [2, 6, 7, 3], 5, { outputSize: [2, 3] }],
  ['aligned', [2, 6, 7, 3], 5, { outputSize: [3, 2], aligned: true }],
  ['two samples', [2, 6, 7, 3], 5, { outputSize: [2, 3], samplingRatio: 2 }],
  ['three samples, aligned', [3, 5, 8, 2], 6, { outputSize: [3, 2], samplingRatio: 3, aligned: true }],
  ['a scale', [2, 6, 7, 3], 5, { outputSize: [2, 3], spatialScale: 0.25, samplingRatio: 2 }],
  ['a scale, aligned, adaptive', [2, 9, 7, 2], 5, { outputSize: [2, 3], spatialScale: 0.75, aligned: true }],
  ['one bin', [1, 6, 7, 3], 4, { outputSize: [1, 1], aligned: true }],
  ['many bins', [1, 4, 5, 2], 3, { outputSize: [7, 9], aligned: true }],
  ['a row of pixels', [2, 1, 9, 2], 4, { outputSize: [2, 3], samplingRatio: 2 }],
  ['a column of pixels', [2, 9, 1, 2], 4, { outputSize: [3, 2], samplingRatio: 2 }],
  ['one pixel', [2, 1, 1, 3], 4, { outputSize: [2, 2], samplingRatio: 2 }],
  ['negative samplingRatio', [1, 6, 7, 3], 3, { outputSize: [2, 3], samplingRatio: -1 }],
];

const cases = FORMS.map(
  ([title, x, boxCount, options], index) =>
    [title, roiCase('roiAlign', roiInputs(index + 1, x, boxCount, options), options)] as const,
);

const psCases = FORMS.filter(([, , , { aligned }]) => aligned === undefined).map(
  ([title, [n, h, w, c], boxCount, options], index) => {
    const x: Shape4 = [n, h, w, c * options.outputSize[0] * options.outputSize[1]];
    return [title, roiCase('psRoiAlign', roiInputs(index + 40, x, boxCount, options), options)] as const;
  },
);

/** Channel counts around the widths of vector registers and of the blocks of a sum. */
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 31, 37];

const channelCases = CHANNELS.map((channels) => {
  const options = { outputSize: [2, 3], aligned: true } as const;
  return [`${channels} channels`, roiCase('roiAlign', roiInputs(channels, [2, 5, 6, channels], 3), options)] as const;
});

/** Boxes that no sane detector produces. */
const STRANGE = boxesOf(
  [-20, -20, -10, -10],
  [30, 2, 40, 4],
  [2, 30, 4, 40],
  [-50, -60, 70, 80],
  [3, 3, 3, 3],
  [2, 3, 2, 5],
  [5, 4, 2, 1],
  [1, 4, 3, 1],
  [0, 0, 6, 7],
  [-1, -1, 7, 8],
  [0.25, 0.25, 0.75, 0.5],
);

const strangeCases = [true, false].flatMap((aligned) =>
  [0, 1, 3].map((samplingRatio) => {
    const inputs = {
      x: new Random(90).array([1, 6, 7, 5]),
      boxes: STRANGE,
      boxIndices: array64([STRANGE.shape[0]!]),
    };
    const options = { outputSize: [2, 3], aligned, samplingRatio } as const;
    return [`aligned ${aligned}, samplingRatio ${samplingRatio}`, roiCase('roiAlign', inputs, options)] as const;
  }),
);

const HEIGHT = 3;
const WIDTH = 4;
const STEP = 2 ** -12;

/** Positions on, just inside and just outside every edge of an axis, all exact in float32. */
function edgePositions(size: number): number[] {
  return [-1, 0, 1, size - 1, size].flatMap((edge) => [edge - STEP, edge, edge + STEP]).concat([-0.5, size - 0.5]);
}

/** Boxes of 2×2 whose only sample, the centre, takes each pair of edge positions in turn. */
const centres = edgePositions(HEIGHT).flatMap((y) => edgePositions(WIDTH).map((x) => [y, x] as const));
const sweep = {
  x: new Random(91).array([1, HEIGHT, WIDTH, 3]),
  boxes: boxesOf(...centres.map(([y, x]) => [y - 1, x - 1, y + 1, x + 1] as const)),
  boxIndices: array64([centres.length]),
};

describeBackends('roiAlign()', (backend) => {
  test.each([...cases, ...channelCases])('matches the oracle in value and gradient: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(strangeCases)('reads boxes outside, reversed and of no size as the oracle does: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test('samples at exactly −1, 0, H − 1 and H as the oracle does', async () => {
    await checkOp(roiCase('roiAlign', sweep, { outputSize: [1, 1], samplingRatio: 1 }), backend.tolerance);
  });

  test('of a box of no size with an adaptive samplingRatio is 0 where aligned, and one pixel where not', async () => {
    const inputs = {
      x: array64([1, 4, 4, 1], (index) => index),
      boxes: boxesOf([1, 2, 1, 2]),
      boxIndices: array64([1]),
    };
    await scoped(async () => {
      const read = async (aligned: boolean): Promise<number> =>
        (await values(runRoi('roiAlign', { outputSize: [1, 1], aligned })(toTensors(inputs)))).data[0]!;
      expect(await read(true)).toBe(0);
      // One sample in the middle of [1, 2] × [2, 3].
      expect(await read(false)).toBe(8.5);
    });
  });

  test('of a box of two million pixels takes no longer than the image', async () => {
    // One sample a pixel, at half integers; those within a pixel of the image count, (H + 1)(W + 1) of 4e12.
    const inputs = {
      x: array64([1, 3, 4, 1], () => 1),
      boxes: boxesOf([-1e6, -1e6, 1e6, 1e6]),
      boxIndices: array64([1]),
    };
    await scoped(async () => {
      const y = runRoi('roiAlign', { outputSize: [1, 1] })(toTensors(inputs));
      await expectClose(
        y,
        array64([1, 1, 1, 1], () => (4 * 5) / 4e12),
        backend.tolerance,
      );
    });
  });

  test.each([1e9, 1e17, 3e38])('of a box of ±%d is finite', async (far) => {
    const inputs = { x: array64([1, 3, 4, 2], () => 1), boxes: boxesOf([-far, 0, far, 4]), boxIndices: array64([1]) };
    await scoped(async () => {
      for (const samplingRatio of [0, 2]) {
        for (const outputSize of [
          [1, 1],
          [2, 3],
        ] as const) {
          const y = runRoi('roiAlign', { outputSize, samplingRatio })(toTensors(inputs));
          expect([...(await y.data())].every(Number.isFinite)).toBe(true);
        }
      }
    });
  });

  test('counts samples by the float32 size of the box', async () => {
    // 15.3 − 1.3 in float32 is 14, two pixels for each of seven bins; in float64 it is a little more, and three.
    const boxes = boxesOf([1.3, 0, 15.3, 2]);
    const inputs = { ...roiInputs(92, [1, 20, 3, 2], 1), boxes };
    const options = { outputSize: [7, 1], aligned: true } as const;
    await scoped(async () => {
      const adaptive = runRoi('roiAlign', options)(toTensors(inputs));
      const two = runRoi('roiAlign', { ...options, samplingRatio: 2 })(toTensors(inputs));
      await expectClose(adaptive, roiOracle('roiAlign', inputs, { ...options, samplingRatio: 2 }), backend.tolerance);
      expect([...(await adaptive.data())]).toEqual([...(await two.data())]);
    });
  });

  test('of the mean of an image is the mean of its pixels', async () => {
    const x = new Random(93).array([1, 6, 8, 4]);
    const inputs = { x, boxes: boxesOf([0, 0, 6, 8]), boxIndices: array64([1]) };
    const want = array64([1, 1, 1, 4], (c) => x.data.reduce((sum, v, i) => (i % 4 === c ? sum + v : sum), 0) / 48);
    await scoped(async () => {
      const y = runRoi('roiAlign', { outputSize: [1, 1], aligned: true })(toTensors(inputs));
      await expectClose(y, want, backend.tolerance);
    });
  });
});

describeBackends('psRoiAlign()', (backend) => {
  test.each(psCases)('matches the oracle in value and gradient: %s', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test('of one bin is roiAlign() of an aligned box', async () => {
    const inputs = roiInputs(94, [2, 5, 6, 7], 4);
    await scoped(async () => {
      const y = runRoi('psRoiAlign', { outputSize: [1, 1] })(toTensors(inputs));
      await expectClose(y, roiOracle('roiAlign', inputs, { outputSize: [1, 1], aligned: true }), backend.tolerance);
    });
  });

  test('of a box of no size is 0, not NaN', async () => {
    const inputs = { ...roiInputs(95, [1, 5, 6, 6], 1), boxes: boxesOf([2, 3, 2, 4]) };
    await scoped(async () => {
      const y = runRoi('psRoiAlign', { outputSize: [2, 3] })(toTensors(inputs));
      expect([...(await y.data())]).toEqual([0, 0, 0, 0, 0, 0]);
    });
  });
});
