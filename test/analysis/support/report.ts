/** Helpers of the analysis tests. */
import type { SamplingTap } from '../../../src/index.js';

/** A report without the parts that JSON omits. */
export function dataOf(report: object): object {
  return Object.fromEntries(Object.entries(report).filter(([, value]) => typeof value !== 'function'));
}

/** The image that bilinear samples read: what each pixel counts for their sum, [height][width]. */
export function footprintOf(taps: readonly SamplingTap[], height: number, width: number): number[][] {
  const image = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  for (const { y, x, weight } of taps) {
    const [top, left] = [Math.floor(y), Math.floor(x)];
    for (const row of [top, top + 1]) {
      for (const column of [left, left + 1]) {
        const part = weight * (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
        if (image[row]?.[column] !== undefined) image[row][column] += part;
      }
    }
  }
  return image;
}

/** Asserts that two images agree in every pixel. */
export function expectSameImage(got: readonly (readonly number[])[], want: readonly (readonly number[])[]): void {
  expect([got.length, got[0]!.length]).toEqual([want.length, want[0]!.length]);
  const worst = { row: 0, column: 0, got: 0, want: 0, error: 0 };
  got.forEach((values, row) => {
    values.forEach((value, column) => {
      const error = Math.abs(value - want[row]![column]!);
      if (error > worst.error) Object.assign(worst, { row, column, got: value, want: want[row]![column]!, error });
    });
  });
  expect(worst.error < 2e-6 ? 'the same' : worst).toBe('the same');
}
