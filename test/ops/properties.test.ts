/** Random geometry against the oracle: whatever sizes, strides, dilations, padding and groups come together. */
import fc from 'fast-check';
import { axisOf } from '../oracle/window.js';
import { describeGuarded } from '../support/backends.js';
import { checkOp } from '../support/gradient_check.js';
import { conv2dInputs, deformInputs, depthwiseInputs, type Shape4 } from '../support/inputs.js';
import { conv2dCase, deformConv2dCase, depthwiseConv2dCase } from '../support/ops.js';

/** Every run draws the same cases, so that a failure comes back; fast-check prints the smallest one it finds. */
const RUNS = { numRuns: 60, seed: 20 } as const;

const both = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(value, value);
const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** A window over an image of at least one output. */
const geometry = fc
  .record({
    seed: between(1, 1e6),
    batch: between(1, 2),
    size: both(between(1, 7)),
    kernel: both(between(1, 4)),
    strides: both(between(1, 3)),
    dilations: both(between(1, 3)),
    padding: fc.oneof(
      fc.constantFrom('same' as const, 'valid' as const),
      between(0, 3),
      both(between(0, 3)),
      both(both(between(0, 3))),
    ),
  })
  .filter(({ size, kernel, ...window }) =>
    ([0, 1] as const).every((axis) => axisOf(axis, size[axis], kernel[axis], window).output > 0),
  );

const channels = fc.record({
  groups: between(1, 3),
  groupIn: between(1, 5),
  groupOut: between(1, 5),
  bias: fc.boolean(),
});

const deformable = fc.record({ offsetParts: between(1, 4), mask: fc.boolean(), reach: between(1, 5) });

/** The largest number of at most `limit` that divides. */
function divisor(of: number, limit: number): number {
  return of % limit === 0 ? limit : divisor(of, limit - 1);
}

describeGuarded('any geometry', (backend) => {
  test('of conv2d() agrees with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        channels,
        async ({ seed, batch, size, kernel, ...window }, { groups, groupIn, groupOut, bias }) => {
          const x: Shape4 = [batch, ...size, groups * groupIn];
          const inputs = conv2dInputs(seed, x, [...kernel, groupIn, groups * groupOut], { bias });
          await checkOp(conv2dCase(inputs, { ...window, groups }), backend.tolerance);
        },
      ),
      RUNS,
    );
  });

  test('of depthwiseConv2d() agrees with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        channels,
        async ({ seed, batch, size, kernel, ...window }, { groupIn, groupOut, bias }) => {
          const inputs = depthwiseInputs(seed, [batch, ...size, groupIn], [...kernel, groupIn, groupOut], { bias });
          await checkOp(depthwiseConv2dCase(inputs, window), backend.tolerance);
        },
      ),
      RUNS,
    );
  });

  test('of deformConv2d() agrees with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        channels,
        deformable,
        async ({ seed, batch, size, kernel, ...window }, counts, deform) => {
          const { groups, groupIn, groupOut, bias } = counts;
          const inChannels = groups * groupIn;
          const options = { ...window, groups, offsetGroups: divisor(inChannels, deform.offsetParts) };
          const filter: Shape4 = [...kernel, groupIn, groups * groupOut];
          const { mask, reach } = deform;
          const inputs = deformInputs(seed, [batch, ...size, inChannels], filter, options, { mask, bias, reach });
          await checkOp(deformConv2dCase(inputs, options), backend.tolerance);
        },
      ),
      RUNS,
    );
  });

  test('of depthwise deformConv2d() agrees with the oracle in value and gradients', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        channels,
        deformable,
        async ({ seed, batch, size, kernel, ...window }, counts, deform) => {
          const { groupIn: inChannels, groupOut: multiplier, bias } = counts;
          const options = { ...window, groups: inChannels, offsetGroups: divisor(inChannels, deform.offsetParts) };
          const filter: Shape4 = [...kernel, 1, inChannels * multiplier];
          const { mask, reach } = deform;
          const inputs = deformInputs(seed, [batch, ...size, inChannels], filter, options, { mask, bias, reach });
          await checkOp(deformConv2dCase(inputs, options), backend.tolerance);
        },
      ),
      RUNS,
    );
  });
});
