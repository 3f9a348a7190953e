/** Explore's separable convolutions in two acts, with the map between them. */
import { accessibilityFaults } from './support/accessibility.js';
import { known, numbersIn, openExplore, outputOf } from './support/explore_page.js';
import { expect, test } from './support/test.js';

test('a separable convolution plays in two acts: first the middle is computed, then the output from it', async ({
  page,
}) => {
  await openExplore(page, 'depthwise-separable?height=5&width=5&channels=2&filters=2');
  await known(page);
  const whole = await numbersIn(outputOf(page));
  const acts = page.getByRole('group', { name: 'Acts' });
  const middle = page.getByRole('grid', { name: /^Middle/ });
  await acts.getByLabel('1. depthwise').check();
  await expect(page.getByRole('img', { name: 'Output, channel 1 of 2, not computed yet.' })).toBeVisible();
  await middle.getByRole('gridcell', { name: 'row 2, column 3' }).click();
  await expect(page.locator('.reading')).toHaveText(
    /The middle cell in row 2, column 3 of channel 1 reads\s+9 of 25 input cells in 1 of 2 channels/,
  );
  const [image, kernel] = [
    await numbersIn(page.locator('svg[aria-label^="Input"]')),
    await numbersIn(page.getByRole('grid', { name: /^Depthwise kernel/ })),
  ];
  const expected = kernel.reduce(
    (sum, weight, tap) => sum + weight * image[(1 + Math.floor(tap / 3)) * 5 + 2 + (tap % 3)]!,
    0,
  );
  await page.mouse.move(0, 0);
  expect((await numbersIn(middle))[1 * 3 + 2]).toBe(expected);
  await expect(page.getByRole('figure', { name: /^Products/ })).toHaveCount(1);
  await expect(page).toHaveURL(/at=1,2&act=1$/);
  expect(await accessibilityFaults(page)).toEqual([]);

  await middle.getByRole('gridcell', { name: 'row 1, column 1' }).click();
  await page.mouse.move(0, 0);
  await page.getByLabel('Speed').selectOption('fast');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(acts.getByLabel('2. pointwise')).toBeChecked();
  await expect(page.locator('.reading')).toHaveText(
    /The output cell in .* reads\s+1 of 9 middle cells in 2 of 2 channels/,
  );
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  expect(await numbersIn(outputOf(page))).toEqual(whole);
  await expect(page).toHaveURL(/act=2$/);
  await page.reload();
  await expect(acts.getByLabel('2. pointwise')).toBeChecked();
  await acts.getByLabel('both at once').check();
  await expect(page.locator('.reading')).toHaveText(/reads\s+9 of 25 input cells in 2 of 2 channels/);
});

test('a map after an act has the padding of the next kernel around it, without values', async ({ page }) => {
  await openExplore(page, 'spatially-separable?padding=amount&act=1');
  const middle = page.getByRole('grid', { name: /^Middle/ });
  await expect(middle.getByRole('gridcell').first()).toHaveAccessibleName(/: /);
  await expect(middle.locator('.pad')).toHaveCount(2 * 7);
  expect(await numbersIn(middle)).toHaveLength(7 * 7);
});
