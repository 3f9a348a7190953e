/** Explore: handles of taps, bins and boxes, dragged with mouse and finger, and links that keep where they are. */
import type { Locator } from '@playwright/test';
import { middleOf, openExplore } from './support/explore_page.js';
import { expect, test } from './support/test.js';

test('where taps overlap, the nearest one is dragged, and the selected one before a neighbour', async ({ page }) => {
  await openExplore(page, 'deformable?numbers=4&at=2,2');
  await page.getByRole('button', { name: 'Reset all taps' }).click();
  const [upper, lower] = [1, 2].map((row) =>
    page.getByRole('button', { name: new RegExp(`^Tap in row ${row}, column 1`) }),
  );
  await upper!.focus();
  for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowDown');
  const drag = async (handle: Locator, [down, right]: readonly [number, number], from = 0): Promise<void> => {
    const [x, y] = await middleOf(handle);
    await page.mouse.move(x, y + from);
    await page.mouse.down();
    await page.mouse.move(x + right * 32, y + from + down * 32, { steps: 3 });
    await page.mouse.up();
  };
  await expect(upper!).toHaveAccessibleName(/moved by 0.75 down, 0 to the right/);
  await drag(upper!, [0, 1]);
  await expect(upper!).toHaveAccessibleName(/moved by 0.75 down, 1 to the right/);
  for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowLeft');
  await expect(upper!).toHaveAccessibleName(/moved by 0.75 down, 0 to the right/);
  await drag(lower!, [0, 1], 8);
  await expect(lower!).toHaveAccessibleName(/, 1 to the right/);
  await expect(upper!).toHaveAccessibleName(/moved by 0.75 down, 0 to the right/);
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, viewport: { width: 360, height: 740 } });

  for (const [address, name] of [
    ['deformable?numbers=4&at=2,2', /^Tap in row 2, column 2/],
    ['roi-pooling', /^Bin in row 2, column 2/],
    ['roi-pooling', /^Lower right corner/],
  ] as const) {
    test(`a handle is dragged, and the page stays: ${name.source}`, async ({ page }) => {
      await openExplore(page, address);
      const handle = page.getByRole('button', { name });
      await handle.scrollIntoViewIfNeeded();
      const [x, y] = await middleOf(handle);
      const scrolled = await page.evaluate(() => scrollY);
      const devtools = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', down = 0): Promise<unknown> =>
        devtools.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: type === 'touchEnd' ? [] : [{ x, y: y - down }],
        });
      await touch('touchStart');
      for (const down of [10, 20, 30, 40]) await touch('touchMove', down);
      await touch('touchEnd');
      const [, after] = await middleOf(handle);
      expect(await page.evaluate(() => scrollY)).toBe(scrolled);
      expect(y - after).toBeGreaterThan(25);
    });
  }
});

for (const [address, label, handles] of [
  ['deformable', 'at rest: a plain convolution', /: moved by 0 down, 0 to the right/],
  ['roi-pooling', 'at rest: RoIAlign', /^Bin in row/],
] as const) {
  test(`a link keeps ${address} at rest`, async ({ page }) => {
    await openExplore(page, address);
    await page.getByRole('button', { name: label }).click();
    const places = (): Promise<(readonly [number, number])[]> =>
      page
        .getByRole('button', { name: handles })
        .all()
        .then((all) => Promise.all(all.map(middleOf)));
    const atRest = await places();
    expect(atRest).toHaveLength(9);
    await expect(page).toHaveURL(/offsets=(&|$)/);
    await page.reload();
    await expect.poll(places).toEqual(atRest);
  });
}
