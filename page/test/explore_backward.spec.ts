/** Explore's gradients: those of the chosen output for the input, the kernel, offsets and masks. */
import { known, numbersIn, openExplore } from './support/explore_page.js';
import { expect, test } from './support/test.js';

test('backward shows the gradients of the chosen output, also those of an offset and a mask', async ({ page }) => {
  const drawing = (start: string) => page.locator(`svg[aria-label^="${start}"]`);
  await openExplore(page, 'plain?height=5&width=5&image=random&preset=random&at=1,2');
  await known(page);
  const [image, kernel] = [await numbersIn(drawing('Input')), await numbersIn(drawing('Kernel'))];
  await page.getByLabel('Backward: show gradients').check();
  // The cells under the kernel get its weights; the weights get the cells under them.
  const window = kernel.map((_, tap) => (1 + Math.floor(tap / 3)) * 5 + 2 + (tap % 3));
  const expected = image.map((_, at) => (window.includes(at) ? kernel[window.indexOf(at)]! : 0));
  await expect.poll(() => numbersIn(drawing('Input'))).toEqual(expected);
  expect(await numbersIn(drawing('Kernel'))).toEqual(window.map((at) => image[at]!));
  await page.getByLabel('Backward: show gradients').uncheck();
  await expect.poll(() => numbersIn(drawing('Input'))).toEqual(image);

  await openExplore(page, 'deformable?at=2,2');
  await known(page);
  const [map, weights] = [await numbersIn(drawing('Input')), await numbersIn(drawing('Kernel'))];
  const at = (y: number, x: number): number => map[y * 7 + x]!;
  const weight = weights[4]!;
  // The middle tap reads half a cell down and a quarter to the right of row 3, column 3.
  const [left, right] = [at(3, 2) - at(2, 2), at(3, 3) - at(2, 3)];
  const down = weight * (0.75 * left + 0.25 * right);
  const across = weight * 0.5 * (at(2, 3) - at(2, 2) + at(3, 3) - at(3, 2));
  const value = 0.5 * (0.75 * at(2, 2) + 0.25 * at(2, 3)) + 0.5 * (0.75 * at(3, 2) + 0.25 * at(3, 3));
  const says = (number: number): string => String(number + 0).replace('-', '−');
  await page.getByLabel('Backward: show gradients').check();
  await expect(page.getByText(/^How much the chosen output changes/)).toContainText(
    `offset is ${says(down)} down, ${says(across)} to the right and that of its mask ${says(weight * value)};`,
  );
  await expect(page.locator('path.gradient').first()).toBeAttached();
});

test('backward shows the gradients of a pooled bin, which has no weights', async ({ page }) => {
  await openExplore(page, 'roi-pooling?at=1,1');
  await known(page);
  await page.getByLabel('Backward: show gradients').check();
  await expect(page.getByRole('figure', { name: /^Input/ })).toContainText('gradient');
  await expect(page.getByRole('alert')).toHaveCount(0);
  // The bin is the mean of 2 × 2 samples, each of which is a mean of cells.
  const gradients = await numbersIn(page.locator('svg[aria-label^="Input"]'));
  expect(gradients.filter((gradient) => gradient > 0).length).toBeGreaterThan(0);
  expect(gradients.reduce((sum, gradient) => sum + gradient, 0)).toBeCloseTo(1, 0);
});
