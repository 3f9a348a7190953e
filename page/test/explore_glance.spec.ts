/** Explore's table: all convolutions at a glance. */
import { accessibilityFaults } from './support/accessibility.js';
import { SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

test('all convolutions side by side, by their computed costs, on the screen and on paper', async ({ page }) => {
  await page.goto('/#explore/all');
  const table = page.getByRole('table');
  await expect(table).toHaveAttribute('aria-busy', 'false');
  const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
  // 8 channels in and out, 15 × 15 positions.
  for (const [name, params, field] of [
    ['Plain', 9 * 8 * 8, '3 × 3'],
    ['Dilated', 9 * 8 * 8, '5 × 5'],
    ['Depthwise', 9 * 8, '3 × 3'],
    ['Pointwise', 8 * 8, '1 × 1'],
    ['Depthwise separable', 9 * 8 + 8 * 8, '3 × 3'],
    ['Spatially separable', 3 * 8 * 4 + 3 * 4 * 8, '3 × 3'],
    ['Grouped', 9 * 2 * 8, '3 × 3'],
  ] as const) {
    const cells = row(name).first().getByRole('cell');
    await expect(cells.nth(1)).toHaveText(String(params));
    await expect(cells.nth(2)).toHaveText((params * 225).toLocaleString('en-GB'));
    await expect(cells.nth(3)).toHaveText(field);
  }
  await expect(page.getByRole('row')).toHaveCount(11);
  for (const { width, height } of Object.values(SIZES)) {
    await page.setViewportSize({ width, height });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await page.emulateMedia({ media: 'print' });
  await expect(table).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Convolutions' })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: 'Grouped' }).last().click();
  await expect(page.getByLabel('Groups', { exact: true })).toHaveValue('4');
});
