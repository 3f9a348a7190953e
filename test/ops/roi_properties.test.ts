/** Random regions against the oracle: whatever sizes, boxes, bins, samples and offsets come together. */
import fc from 'fast-check';
import { describeGuarded } from '../support/backends.js';
import { checkOp } from '../support/gradient_check.js';
import { distinct, roiCase, roiInputs } from '../support/roi.js';

/** Every run draws the same cases, so that a failure comes back; fast-check prints the smallest one it finds. */
const RUNS = { numRuns: 25, seed: 21 } as const;

const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const regions = fc.record({
  seed: between(1, 1e6),
  batch: between(1, 3),
  size: fc.tuple(between(1, 9), between(1, 9)),
  boxCount: between(0, 4),
  outputSize: fc.tuple(between(1, 4), between(1, 4)),
  spatialScale: fc.constantFrom(0.125, 0.5, 1, 2),
  channels: between(1, 6),
});

const sampling = fc.record({ samplingRatio: between(-1, 4), aligned: fc.boolean(), offset: fc.boolean() });

// Boxes are rounded here, so that samples do stand exactly on the edges where they stop counting. With powers of two every
// position is exact in float32, and no backend can find one on the other side.
const classes = fc.record({
  classes: between(0, 3),
  pooledSize: fc.constantFrom(1, 2, 4),
  groupSize: between(1, 3),
  partSize: between(1, 4),
  samplesPerPart: fc.constantFrom(1, 2, 4),
});

describeGuarded('any regions', (backend) => {
  test('of roiPool() and psRoiPool() agree with the oracle in value and gradient', async () => {
    await fc.assert(
      fc.asyncProperty(regions, async ({ seed, batch, size, boxCount, channels, ...options }) => {
        const [height, width] = options.outputSize;
        const pool = roiInputs(seed, [batch, ...size, channels], boxCount, options);
        await checkOp(roiCase('roiPool', distinct(pool), options), backend.tolerance);
        const inputs = roiInputs(seed, [batch, ...size, channels * height * width], boxCount, options);
        await checkOp(roiCase('psRoiPool', inputs, options), backend.tolerance);
      }),
      RUNS,
    );
  });

  test('of roiAlign() and psRoiAlign() agree with the oracle in value and gradient', async () => {
    await fc.assert(
      fc.asyncProperty(regions, sampling, async ({ seed, batch, size, boxCount, channels, ...grid }, samples) => {
        const { samplingRatio, aligned } = samples;
        const [height, width] = grid.outputSize;
        const align = roiInputs(seed, [batch, ...size, channels], boxCount, grid);
        await checkOp(roiCase('roiAlign', align, { ...grid, samplingRatio, aligned }), backend.tolerance);
        const inputs = roiInputs(seed, [batch, ...size, channels * height * width], boxCount, grid);
        await checkOp(roiCase('psRoiAlign', inputs, { ...grid, samplingRatio }), backend.tolerance);
      }),
      RUNS,
    );
  });

  // Offsets move samples across whole pixels, where finite differences do not hold: the oracle's formulas, which the
  // other tests check, are taken as they are.
  test('of deformRoiPool() agree with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(regions, sampling, async ({ seed, batch, size, boxCount, channels, ...grid }, samples) => {
        const offset = samples.offset ? [...grid.outputSize, 2] : undefined;
        const inputs = roiInputs(seed, [batch, ...size, channels], boxCount, { ...grid, offset });
        const options = { ...grid, samplingRatio: samples.samplingRatio, gamma: 0.3 };
        await checkOp(roiCase('deformRoiPool', inputs, options, { kink: true }), backend.tolerance);
      }),
      RUNS,
    );
  });

  test('of deformPsRoiPool() agree with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(regions, classes, async ({ seed, batch, size, boxCount, channels, spatialScale }, parts) => {
        const { classes: count, ...sizes } = parts;
        const outputDim = channels * Math.max(count, 1);
        const offset = count === 0 ? undefined : [sizes.partSize, sizes.partSize, count * 2];
        const x = [batch, ...size, outputDim * sizes.groupSize ** 2] as const;
        const inputs = roiInputs(seed, x, boxCount, { spatialScale, offset });
        const options = { ...sizes, outputDim, spatialScale, transStd: 0.3 };
        await checkOp(roiCase('deformPsRoiPool', inputs, options, { kink: true }), backend.tolerance);
      }),
      RUNS,
    );
  });
});
