/** Explore, for the tests. */
import { expect, type Page } from '@playwright/test';

/** Opens a convolution, with the settings of its address. */
export async function openExplore(page: Page, address: string): Promise<void> {
  await page.goto(`/#explore/${address}`);
  const name = address.split('?')[0]!.replace('-', ' ');
  await expect(page.getByRole('heading', { level: 2, name: new RegExp(name, 'i') })).toBeVisible();
}
