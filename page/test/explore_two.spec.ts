/** Explore's comparison of two convolutions on one input. */
import { accessibilityFaults } from './support/accessibility.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

test('two convolutions share their input and the chosen cell, and bars compare what they cost and see', async ({
  page,
}) => {
  await page.goto('/#explore/two?height=6&width=6');
  const side = (name: string) => page.getByRole('region', { name });
  const outputIn = (name: string) => side(name).getByRole('grid', { name: /^Output/ });
  const table = page.getByRole('table');
  const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
  await expect(table).toHaveAttribute('aria-busy', 'false');
  await expect(row('Parameters').getByRole('cell')).toHaveText([String(9 * 4 * 4), String(9 * 4 + 4 * 4)]);
  await expect(row('Multiply-adds').getByRole('cell')).toHaveText([
    (144 * 36).toLocaleString('en-GB'),
    (52 * 36).toLocaleString('en-GB'),
  ]);
  await expect(row('Receptive field').getByRole('cell')).toHaveText(['3 × 3', '3 × 3']);
  // The drawing on the right may be too small for numbers.
  const coloursOf = (name: string) =>
    side(name)
      .locator('svg[aria-label^="Input"] .cell')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('fill')));
  const colours = await coloursOf('Left: Plain');
  expect(new Set(colours).size).toBeGreaterThan(3);
  expect(await coloursOf('Right: Depthwise separable')).toEqual(colours);

  await outputIn('Left: Plain')
    .getByRole('gridcell', { name: /^row 2, column 3/ })
    .click();
  await page.mouse.move(0, 0);
  await expect(outputIn('Right: Depthwise separable').getByRole('gridcell', { selected: true })).toHaveAccessibleName(
    /^row 2, column 3/,
  );
  await page.getByRole('combobox', { name: 'Right' }).selectOption('Dilated');
  await expect(row('Receptive field').getByRole('cell')).toHaveText(['3 × 3', '5 × 5']);
  const bars = await row('Receptive field').locator('rect').all();
  const widths = await Promise.all(bars.map((bar) => bar.getAttribute('width')));
  expect(widths).toEqual(['60', '100']);
  await page.getByLabel('Output channels', { exact: true }).fill('2');
  await expect(row('Parameters').getByRole('cell')).toHaveText(['72', '72']);
  await expect(page).toHaveURL(/#explore\/two\?.*filters=2.*at=1,2&left=plain&right=dilated$/);
  await page.reload();
  await expect(row('Parameters').getByRole('cell')).toHaveText(['72', '72']);
  await expect(outputIn('Right: Dilated').getByRole('gridcell', { selected: true })).toHaveAccessibleName(
    /^row 2, column 3/,
  );
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const { width, height } of Object.values(SIZES)) {
      await page.setViewportSize({ width, height });
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  }
});

for (const [width, height] of [
  [1440, 900],
  [1280, 720],
] as const) {
  test(`at ${width} × ${height}, the input, kernels and output of each side are in one row, all on the screen`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height });
    for (const pair of ['left=plain&right=depthwise-separable', 'left=deformable&right=spatially-separable']) {
      await page.goto(`/#explore/two?${pair}`);
      await expect(page.getByRole('table')).toHaveAttribute('aria-busy', 'false');
      for (const side of await page.locator('.two > section').all()) {
        const boxes = await Promise.all((await side.locator('.map').all()).map((map) => map.boundingBox()));
        expect(boxes.length).toBeGreaterThanOrEqual(2);
        expect(new Set(boxes.map((box) => box!.y)).size).toBe(1);
        const { y, height: high } = (await side.boundingBox())!;
        expect(y + high).toBeLessThanOrEqual(height);
        const kernel = side.locator('.kernel').last();
        await kernel.getByRole('gridcell').first().click();
        const field = (await kernel.getByRole('spinbutton', { name: 'Weight' }).boundingBox())!;
        expect(field.x + field.width).toBeLessThanOrEqual(boxes.at(-1)!.x);
      }
    }
  });
}

test('every pair of convolutions has figures', async ({ page }) => {
  await page.goto('/#explore/two');
  const table = page.getByRole('table');
  const options = page.getByRole('combobox', { name: 'Left' }).locator('option');
  await expect(options).toHaveCount(10);
  for (const name of await options.allTextContents()) {
    await page.getByRole('combobox', { name: 'Left' }).selectOption(name);
    await expect(page.getByRole('region', { name: `Left: ${name}` })).toBeVisible();
    await expect(table).toHaveAttribute('aria-busy', 'false');
    await expect(
      page
        .getByRole('row', { name: /^Parameters/ })
        .getByRole('cell')
        .first(),
    ).toHaveText(/^\d/);
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});
