/** See: what it shows is what the package computes of the same networks and picture, in Node on plain JavaScript. */
import * as conv from 'tfjs-convolutions';
import { accessibilityFaults } from './support/accessibility.js';
import { dotsOf, expectPosition, expectTaken, farthest, figure, openSee, pointAt } from './support/see_page.js';
import { loadDigit, loadSide, withoutOffsets } from './support/seen.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

/** What See starts with. */
const DIGIT = 3;
const LAST = 'conv_dw_8';
const FIRST = 'conv_dw_6';
const MIDDLE = [7, 7] as const;

test('the deformable network reads every shipped digit right', async ({ page }) => {
  await openSee(page);
  for (let digit = 0; digit < 10; digit++) {
    const radio = page.getByRole('radio', { name: String(digit), exact: true });
    // check() demands the new state at once; a busy page shows it a moment later.
    await radio.click();
    await expect(radio).toBeChecked();
    await expectTaken(page, digit);
  }
});

test('dots are where the package says, as large as their masks, by mouse and keys', async ({ page }) => {
  const [model, x] = [await loadSide('deformable'), await loadDigit(DIGIT)];
  const tapsAt = async (position: readonly [number, number], layer: string): Promise<readonly conv.SamplingTap[]> =>
    (await conv.samplingLocations(model, x, { layer, positions: [position] })).images[0]![0]!.taps;
  await openSee(page);
  const deformable = figure(page, 'Deformable');
  await expectPosition(page, MIDDLE);
  const first = await tapsAt(MIDDLE, LAST);
  const dots = await dotsOf(deformable);
  expect(farthest(dots, first)).toBeLessThan(0.02);
  const units = first.map(({ weight }, index) => dots[index]!.r ** 2 / weight);
  for (const unit of units) expect(Math.abs(unit / units[0]! - 1)).toBeLessThan(0.02);

  // Position (0, 0) is around pixel (1, 1), the next two pixels on; the pointer's place is kept only by a click.
  await pointAt(page, [9, 19]);
  await expectPosition(page, [4, 9]);
  expect(farthest(await dotsOf(deformable), await tapsAt([4, 9], LAST))).toBeLessThan(0.02);
  await page.mouse.move(5, 5);
  await expectPosition(page, MIDDLE);

  const picture = page.getByRole('application');
  await picture.press('ArrowUp');
  await picture.press('ArrowRight');
  await expectPosition(page, [6, 8]);
  expect(farthest(await dotsOf(deformable), await tapsAt([6, 8], LAST))).toBeLessThan(0.02);
  await expect(page.locator('[aria-live=polite]')).toHaveText(/^Row 7, column 9 of conv_dw_8\. 9 samples, moved by /);

  await page.getByLabel('Layer').selectOption(FIRST);
  await expect(deformable.getByRole('img')).toHaveAttribute('aria-label', /conv_dw_6/);
  expect(farthest(await dotsOf(deformable), await tapsAt([6, 8], FIRST))).toBeLessThan(0.02);
});

test('samples are traced to the input, beside the grid that kernels without offsets read', async ({ page }) => {
  const [model, x] = [await loadSide('deformable'), await loadDigit(DIGIT)];
  const options = { layer: LAST, positions: [MIDDLE], trace: 3 };
  const { images } = await conv.samplingLocations(model, x, options);
  const atRest = await conv.samplingLocations(withoutOffsets(model), x, options);
  await openSee(page);
  await page.getByLabel(/trace to the input/).check();
  await expect(page.getByRole('heading', { name: 'Deformable: 729 samples' })).toBeVisible();
  expect(farthest(await dotsOf(figure(page, 'Deformable')), images[0]![0]!.taps)).toBeLessThan(0.05);
  const ways = new Map<string, number>();
  for (const { y, x: column } of atRest.images[0]![0]!.taps) {
    const place = `${y.toFixed(2)} ${column.toFixed(2)}`;
    ways.set(place, (ways.get(place) ?? 0) + 1);
  }
  const grid = await dotsOf(figure(page, 'Plain'));
  const unit = Math.min(...grid.map(({ r }) => r));
  const shown = grid.map(({ y, x: column, r }) => [
    `${y.toFixed(2)} ${column.toFixed(2)}`,
    Math.round((r / unit) ** 2),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(ways));
});

test('influence is that of both networks, and many positions leave no tensor behind', async ({ page }) => {
  const x = await loadDigit(DIGIT);
  await openSee(page);
  await page.getByText('Influence of each pixel').click();
  for (const side of ['deformable', 'plain'] as const) {
    const { extent, area, theoretical } = await conv.effectiveReceptiveField(await loadSide(side), x, {
      layer: LAST,
      position: MIDDLE,
    });
    const panel = figure(page, side === 'plain' ? 'Plain' : 'Deformable');
    const size = `${extent.right - extent.left + 1} × ${extent.bottom - extent.top + 1} px`;
    await expect(panel.locator('figcaption')).toContainText(`95 % of the influence is within ${size}`);
    await expect(panel.locator('figcaption')).toContainText(
      `with ${area} pixels above 4.55 % of the largest; the theoretical receptive field is ${theoretical!.width} × ${theoretical!.height} px`,
    );
    await expect(panel.locator('.see-extent')).toHaveAttribute('y', String(extent.top - 0.5));
    await expect(panel.locator('image')).toHaveCount(2);
  }
  const tensors = figure(page, 'Deformable');
  const before = await tensors.getAttribute('data-tensors');
  for (let step = 0; step < 12; step++) {
    const place = [2 * step + 3, 25 - 2 * step] as const;
    await pointAt(page, place);
    await expectPosition(page, [step + 1, 12 - step]);
  }
  expect(await tensors.getAttribute('data-tensors')).toBe(before);
});

for (const backend of ['webgl', 'webgpu']) {
  test(`the same dots are shown [${backend}]`, async ({ page }) => {
    const { images } = await conv.samplingLocations(await loadSide('deformable'), await loadDigit(DIGIT), {
      layer: LAST,
      positions: [[6, 7]],
    });
    await openSee(page);
    await page.getByLabel('Backend').selectOption(backend);
    await expect(page.getByRole('status').filter({ hasText: 'Ready.' })).toBeAttached({ timeout: 60_000 });
    await expect(page.getByLabel('Backend')).toHaveValue(backend);
    // Only the new worker answers this.
    await page.getByRole('application').press('ArrowUp');
    await expectPosition(page, [6, 7]);
    expect(farthest(await dotsOf(figure(page, 'Deformable')), images[0]![0]!.taps)).toBeLessThan(0.05);
    await expectTaken(page, DIGIT);
  });
}

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`both views look as approved on a ${name}, and axe finds no fault, light and dark`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await openSee(page);
    await expect(page.getByRole('img', { name: 'Your picture' })).toBeVisible();
    for (const view of ['Sampling locations', 'Influence of each pixel']) {
      await page.getByText(view).click();
      await expect(
        figure(page, 'Deformable').locator(view.startsWith('S') ? '.see-dots' : '.see-extent'),
      ).toBeVisible();
      await expect(page).toHaveScreenshot(`see-${view.split(' ')[0]!.toLowerCase()}-${name}.png`, { fullPage: true });
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: 'light' });
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}
