/** Explore, for the tests. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Opens a convolution, with the settings of its address. */
export async function openExplore(page: Page, address: string): Promise<void> {
  await page.goto(`/#explore/${address}`);
  const name = address.split('?')[0]!.replace('-', ' ');
  await expect(page.getByRole('heading', { level: 2, name: new RegExp(name, 'i') })).toBeVisible();
}

export const outputOf = (page: Page): Locator => page.getByRole('grid', { name: /^Output/ });

/** All numbers that a drawing shows, row by row. */
export const numbersIn = async (drawing: Locator): Promise<number[]> =>
  (await drawing.locator('text').allTextContents()).map((text) => Number(text.replace('−', '-')));

/** Waits until the output has values. */
export async function known(page: Page): Promise<void> {
  await expect(outputOf(page).getByRole('gridcell').first()).toHaveAccessibleName(/: /);
}

/** Scrolls to a handle and finds its middle. */
export async function middleOf(handle: Locator): Promise<readonly [x: number, y: number]> {
  await handle.scrollIntoViewIfNeeded();
  // A pointer that rests on the output shows the cell under it.
  await handle.page().mouse.move(0, 0);
  const { x, y, width, height } = (await handle.locator('.reach').boundingBox())!;
  return [x + width / 2, y + height / 2];
}
