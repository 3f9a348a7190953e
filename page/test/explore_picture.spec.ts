/** Explore's picture: it comes first, it plays, and it shows every multiplication. */
import type { Locator, Page } from '@playwright/test';
import { known, numbersIn, openExplore, outputOf } from './support/explore_page.js';
import { expect, test } from './support/test.js';

const chosen = (page: Page): Locator => outputOf(page).getByRole('gridcell', { selected: true });

const products = (page: Page): Locator => page.getByRole('figure', { name: /^Products/ });

const SMALL = 'plain?height=5&width=5&image=random&preset=random';

/** A projector, and a phone. */
const SCREENS = [
  [1280, 720],
  [360, 740],
] as const;

for (const [width, height] of SCREENS) {
  test(`the picture is whole, above the fold of ${width} × ${height}, and still if motion is reduced`, async ({
    page,
  }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.goto('/');
    await known(page);
    for (const drawing of [
      page.locator('svg[aria-label^="Input"]'),
      page.getByRole('grid', { name: /^Kernel/ }),
      page.getByRole('grid', { name: /^Products/ }),
      outputOf(page),
      page.getByRole('button', { name: 'Play' }),
    ]) {
      const box = (await drawing.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
    }
    await expect(page.getByText(/for anyone who studies or builds image networks/)).toBeInViewport();
    await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
    await expect(chosen(page)).toHaveAccessibleName(/^row 1, column 1:/);
  });
}

test('it opens by itself, product by product, until it is paused, and keeps the address meanwhile', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const replace = history.replaceState.bind(history);
    const seen = { count: 0 };
    Object.assign(globalThis, { replaced: seen });
    history.replaceState = (...given) => {
      seen.count++;
      replace(...given);
    };
  });
  const replaced = (): Promise<number> =>
    page.evaluate(() => (globalThis as unknown as { replaced: { count: number } }).replaced.count);
  await page.goto('/');
  await expect(products(page)).toContainText(/\d of 9 add up to/);
  await expect(chosen(page)).not.toHaveAccessibleName(/^row 1, column [1-3]:/);
  await page.getByRole('button', { name: 'Pause' }).click();
  expect(await replaced()).toBeLessThanOrEqual(1);
  const before = await replaced();
  const at = async (): Promise<number> => {
    const [, row, column] = /^row (\d+), column (\d+)/.exec((await chosen(page).getAttribute('aria-label'))!)!;
    return (Number(row) - 1) * 14 + Number(column) - 1;
  };
  const reached = await at();
  await expect(outputOf(page).locator('.blank')).toHaveCount(14 * 14 - reached - 1);
  await page.getByRole('button', { name: 'One cell back' }).click();
  await expect.poll(at).toBe(reached - 1);
  const [row, column] = [Math.floor((reached - 1) / 14), (reached - 1) % 14];
  await expect(page).toHaveURL(new RegExp(`at=${row},${column}$`));
  await chosen(page).focus();
  const key = row < 7 ? 'ArrowDown' : 'ArrowUp';
  // Without waiting for one another: the address is replaced a quarter of a second after the last.
  await Promise.all(Array.from({ length: 5 }, () => page.keyboard.press(key)));
  await expect(page).toHaveURL(new RegExp(`at=${row + (row < 7 ? 5 : -5)},${column}$`));
  await expect(outputOf(page).locator('.blank')).toHaveCount(0);
  // One for the step and one for all the keys.
  expect((await replaced()) - before).toBeLessThanOrEqual(2);
});

test('every product is a multiplication of what the picture shows, and the mouse shows those of any cell', async ({
  page,
}) => {
  await openExplore(page, SMALL);
  await known(page);
  const [image, kernel] = [
    await numbersIn(page.locator('svg[aria-label^="Input"]')),
    await numbersIn(page.getByRole('grid', { name: /^Kernel/ })),
  ];
  const productsAt = (y: number, x: number): number[] =>
    kernel.map((weight, tap) => weight * image[(y + Math.floor(tap / 3)) * 5 + x + (tap % 3)]!);
  const sumOf = (values: readonly number[]): string =>
    String(values.reduce((sum, value) => sum + value, 0)).replace('-', '−');
  await outputOf(page).getByRole('gridcell', { name: 'row 3, column 2' }).hover();
  await expect.poll(() => numbersIn(products(page))).toEqual(productsAt(2, 1).map((value) => value + 0));
  await expect(products(page).locator('strong').last()).toHaveText(sumOf(productsAt(2, 1)));
  await page.mouse.move(0, 0);
  await expect.poll(() => numbersIn(products(page))).toEqual(productsAt(0, 0).map((value) => value + 0));
  await products(page).getByRole('gridcell', { name: 'row 2, column 3' }).click();
  const value = image[5 + 2]!;
  const says = (number: number): string => String(number).replace('-', '−');
  await expect(products(page).locator('.equation')).toHaveText(
    new RegExp(
      `^${says(value)} × \\(?${says(kernel[5]!)}\\)? = ${says(productsAt(0, 0)[5]! + 0)}6 of 9 add up to ${sumOf(productsAt(0, 0).slice(0, 6))}$`,
    ),
  );
});

test('a kernel is chosen and edited, and the layer computes with it', async ({ page }) => {
  await openExplore(page, SMALL);
  await known(page);
  const image = await numbersIn(page.locator('svg[aria-label^="Input"]'));
  const inner = [6, 7, 8, 11, 12, 13, 16, 17, 18].map((at) => image[at]!);
  await page.getByRole('combobox', { name: 'Kernel', exact: true }).selectOption('identity');
  await expect.poll(() => numbersIn(outputOf(page))).toEqual(inner);
  await page
    .getByRole('grid', { name: /^Kernel/ })
    .getByRole('gridcell', { name: 'row 2, column 2' })
    .click();
  await page.getByRole('spinbutton', { name: 'Weight' }).fill('-3');
  await expect.poll(() => numbersIn(outputOf(page))).toEqual(inner.map((value) => -3 * value + 0));
  await expect(page.getByRole('combobox', { name: 'Kernel', exact: true })).toHaveValue('edited');
  await expect(page).toHaveURL(/weights=0,0,0,0,-3,0,0,0,0/);
  await page.reload();
  await expect.poll(() => numbersIn(outputOf(page))).toEqual(inner.map((value) => -3 * value + 0));
});

test('the input is drawn with the mouse and with keys', async ({ page }) => {
  await openExplore(page, 'plain?height=5&width=5&image=drawing&preset=identity');
  await known(page);
  const pen = page.getByRole('button', { name: /^Pen at/ });
  const centre = outputOf(page).getByRole('gridcell', { name: 'row 2, column 2' });
  await expect(centre).toHaveAccessibleName('row 2, column 2: 0');
  const { x, y, width } = (await page.locator('.paper').boundingBox())!;
  await page.mouse.click(x + width / 2, y + width / 2);
  await expect(centre).toHaveAccessibleName('row 2, column 2: 9');
  await expect(pen).toHaveAccessibleName(/^Pen at row 3, column 3: ink/);
  await pen.focus();
  await page.keyboard.press('Space');
  await expect(centre).toHaveAccessibleName('row 2, column 2: 0');
  await page.keyboard.press('ArrowRight');
  await expect(pen).toHaveAccessibleName(/^Pen at row 3, column 4/);
});

test('an input cell shows what it feeds, and the checkerboard comes and goes', async ({ page }) => {
  await openExplore(page, 'transposed');
  await page.getByRole('button', { name: 'kernel 3, stride 2: a checkerboard', exact: true }).click();
  await known(page);
  // Along an axis, an output cell is the sum of one product or of two.
  const along = [1, 1, 2, 1, 2, 1, 2, 1, 1];
  await expect
    .poll(() => numbersIn(outputOf(page)))
    .toEqual(along.flatMap((down) => along.map((right) => down * right)));
  await page
    .getByRole('grid', { name: /^Input/ })
    .getByRole('gridcell', { name: 'row 2, column 3' })
    .click();
  await expect(page.getByText('The input cell in row 2, column 3 feeds 9 output cells.')).toBeVisible();
  await expect(outputOf(page).locator('.mark-line.fed')).toHaveCount(9);
  await page.getByRole('button', { name: 'kernel 4, stride 2: none', exact: true }).click();
  const even = [1, 2, 2, 2, 2, 2, 2, 1];
  await expect.poll(() => numbersIn(outputOf(page))).toEqual(even.flatMap((down) => even.map((right) => down * right)));
  await expect(outputOf(page).locator('.mark-line.fed')).toHaveCount(16);
  await page.getByRole('link', { name: 'Dilated' }).click();
  await page.getByRole('button', { name: 'dilations 2, 2, 2: gridding' }).click();
  await expect(page.locator('svg[aria-label^="Input"]')).toHaveAccessibleName(/reads 49 of its cells/);
});

test('a link that is followed while the address is about to be replaced is not lost', async ({ page }) => {
  await page.addInitScript(() => {
    const later = setTimeout;
    const held: (() => void)[] = [];
    Object.assign(globalThis, { held });
    globalThis.setTimeout = ((run: () => void, delay?: number, ...given: unknown[]) => {
      if (delay !== 250) return later(run, delay, ...given);
      held.push(run);
      return 0;
    }) as typeof setTimeout;
  });
  await openExplore(page, 'transposed');
  await page.getByRole('button', { name: 'kernel 4, stride 2: none', exact: true }).click();
  await known(page);
  await page.evaluate(() => {
    location.hash = '#explore/dilated';
    (globalThis as unknown as { held: (() => void)[] }).held.at(-1)!();
  });
  await expect(page.getByRole('button', { name: 'dilations 2, 2, 2: gridding' })).toBeVisible();
});

for (const [width, height] of SCREENS) {
  test(`full screen shows the picture, and ends where it began, at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openExplore(page, 'plain');
    const button = page.getByRole('button', { name: 'Full screen' });
    const isFull = (): Promise<boolean> => page.evaluate(() => document.fullscreenElement !== null);
    await button.click();
    await expect.poll(isFull).toBe(true);
    await expect(page.locator('svg[aria-label^="Input"]')).toBeInViewport({ ratio: 1 });
    await expect(page.locator('svg[aria-label^="Output"]')).toBeInViewport({ ratio: 1 });
    await button.press('Enter');
    await expect.poll(isFull).toBe(false);
    await expect(button).toBeFocused();
  });
}
