/** deformPsRoiPool against the float64 oracle: value and the gradients of x and offset, over all backends. */
import { array64 } from '../oracle/array64.js';
import type { DeformPsRoiPoolOptions } from '../oracle/deform_ps_roi_pool.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { checkOp, toTensors } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { boxesOf, roiCase, roiInputs, roiOracle, runRoi } from '../support/roi.js';
import { scoped } from '../support/scoped.js';

interface Form {
  readonly title: string;
  /** [n, h, w]. */
  readonly image: readonly [number, number, number];
  readonly boxCount: number;
  /** 0: no offsets. */
  readonly classes: number;
  readonly options: DeformPsRoiPoolOptions;
}

const SIZES = { outputDim: 6, pooledSize: 3, groupSize: 2, partSize: 4, samplesPerPart: 2 } as const;

/** All parameters differ where possible, so that a swapped axis or argument fails. */
const FORMS: readonly Form[] = [
  { title: 'no offsets', image: [2, 6, 7], boxCount: 5, classes: 0, options: SIZES },
  { title: 'one class', image: [2, 6, 7], boxCount: 5, classes: 1, options: SIZES },
  { title: 'two classes', image: [2, 7, 6], boxCount: 4, classes: 2, options: { ...SIZES, transStd: 0.3 } },
  { title: 'a class for each channel', image: [1, 6, 7], boxCount: 4, classes: 6, options: SIZES },
  {
    title: 'a scale',
    image: [2, 6, 7],
    boxCount: 5,
    classes: 3,
    options: { ...SIZES, spatialScale: 0.25, samplesPerPart: 3 },
  },
  {
    title: 'fewer parts than bins',
    image: [2, 6, 7],
    boxCount: 3,
    classes: 2,
    options: { ...SIZES, partSize: 2, pooledSize: 5 },
  },
  {
    title: 'more groups than bins',
    image: [1, 6, 7],
    boxCount: 3,
    classes: 1,
    options: { ...SIZES, outputDim: 2, groupSize: 3, pooledSize: 2, transStd: -0.2 },
  },
  {
    title: 'one group, contiguous channels',
    image: [2, 6, 7],
    boxCount: 3,
    classes: 2,
    options: { ...SIZES, outputDim: 14, groupSize: 1 },
  },
  {
    title: 'one group and one class of many channels',
    image: [2, 6, 7],
    boxCount: 3,
    classes: 1,
    options: { ...SIZES, outputDim: 21, groupSize: 1, samplesPerPart: 4 },
  },
  { title: 'one pixel', image: [2, 1, 1], boxCount: 4, classes: 2, options: SIZES },
];

function inputsOf({ image, boxCount, classes, options }: Form, seed: number) {
  const { outputDim, groupSize, partSize, spatialScale } = options;
  const offset = classes === 0 ? undefined : [partSize, partSize, classes * 2];
  return roiInputs(seed, [...image, outputDim * groupSize ** 2], boxCount, { spatialScale, offset });
}

const cases = FORMS.map((form, index) => ({
  title: form.title,
  op: roiCase('deformPsRoiPool', inputsOf(form, index + 1), form.options),
}));

const HEIGHT = 3;
const WIDTH = 4;
const STEP = 2 ** -12;

/** Positions on, just inside and just outside every edge of an axis, all exact in float32. */
function edgePositions(size: number): number[] {
  return [-0.5, 0, 1, size - 1, size - 0.5].flatMap((edge) => [edge - STEP, edge, edge + STEP]);
}

/** Boxes of 2×2 starting at −½, whose only sample the offset moves to each pair of edge positions in turn. */
const targets = edgePositions(HEIGHT).flatMap((y) => edgePositions(WIDTH).map((x) => [y, x] as const));
const sweep = {
  x: new Random(91).array([1, HEIGHT, WIDTH, 3]),
  boxes: boxesOf(...targets.map(() => [0, 0, 1, 1] as const)),
  boxIndices: array64([targets.length]),
  offset: array64([targets.length, 1, 1, 2], (index) => targets[Math.floor(index / 2)]![index % 2]! + 0.5),
};
const ONE_SAMPLE = { outputDim: 3, pooledSize: 1, groupSize: 1, partSize: 1, samplesPerPart: 1, transStd: 0.5 };

/** Boxes that no sane detector produces, and edges at every half: ties, which round away from zero. */
const STRANGE = boxesOf(
  [-20, -20, -10, -10],
  [30, 2, 40, 4],
  [-50, -60, 70, 80],
  [-3e38, -3e38, 3e38, 3e38],
  [3, 3, 3, 3],
  [5, 4, 2, 1],
  [-1.5, -0.5, 0.5, 1.5],
  [-0.5, -2.5, 2.5, 3.5],
  [0.5, 1.5, 4.5, 5.5],
);

const strangeCases = [1, 0.5].map((spatialScale) => {
  const inputs = {
    x: new Random(90).array([1, 6, 7, 24]),
    boxes: STRANGE,
    boxIndices: array64([STRANGE.shape[0]!]),
    offset: new Random(89).array([STRANGE.shape[0]!, 4, 4, 4]),
  };
  return { spatialScale, op: roiCase('deformPsRoiPool', inputs, { ...SIZES, spatialScale }, { kink: true }) };
});

describeBackends('deformPsRoiPool()', (backend) => {
  test.each(cases)('matches the oracle in value and gradients: $title', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(strangeCases)(
    'reads boxes outside, reversed and at ties as the oracle does, scale $spatialScale',
    async ({ op }) => {
      await checkOp(op, backend.tolerance);
    },
  );

  test('samples at exactly −½, 0, H − 1 and H − ½ as the oracle does, with right-hand slopes', async () => {
    await checkOp(roiCase('deformPsRoiPool', sweep, ONE_SAMPLE, { kink: true }), backend.tolerance);
  });

  test('excludes samples outside from the mean', async () => {
    // Samples at rows 2.5 and 3.5 of three, columns 0.5 and 1.5: row 3.5 is left out, row 2.5 is read at the last row.
    const inputs = {
      x: array64([1, 3, 4, 1], (index) => index),
      boxes: boxesOf([3, 1, 4, 2]),
      boxIndices: array64([1]),
    };
    await scoped(async () => {
      const options = { outputDim: 1, pooledSize: 1, groupSize: 1, partSize: 1, samplesPerPart: 2 };
      const y = runRoi('deformPsRoiPool', options)(toTensors(inputs));
      expect([...(await values(y)).data]).toEqual([9]);
    });
  });

  test('reads nothing at offsets that are huge or not finite', async () => {
    const form = FORMS[2]!;
    const inputs = inputsOf(form, 92);
    const nowhere = [NaN, Infinity, -Infinity, 1e9, -1e9, 3e38];
    const offset = array64(inputs.offset!.shape, (index) =>
      index % 5 === 1 ? nowhere[Math.floor(index / 5) % nowhere.length]! : inputs.offset!.data[index]!,
    );
    await checkOp(roiCase('deformPsRoiPool', { ...inputs, offset }, form.options, { kink: true }), backend.tolerance);
  });

  test('with offsets of 0 is the same as without', async () => {
    const inputs = inputsOf(FORMS[1]!, 93);
    const { offset, ...regions } = inputs;
    const want = roiOracle('deformPsRoiPool', regions, SIZES);
    await scoped(async () => {
      const tensors = toTensors({ ...regions, offset: array64(offset!.shape) });
      await expectClose(runRoi('deformPsRoiPool', SIZES)(tensors), want, backend.tolerance);
    });
  });
});
