/** The frame: its three parts, the keyboard, the colours. */
import type { Locator } from '@playwright/test';
import { accessibilityFaults } from './support/accessibility.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

test('the address names the part, and a link opens it', async ({ page }) => {
  await page.goto('/#see');
  await expect(page).toHaveTitle('See · tfjs-convolutions');
  await page.getByRole('link', { name: /^Train/ }).click();
  await expect(page).toHaveTitle('Train · tfjs-convolutions');
  await expect(page.getByRole('main')).toBeFocused();
  await page.goBack();
  await expect(page).toHaveTitle('See · tfjs-convolutions');
});

test('the keyboard skips to the content and opens parts', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveTitle('Explore · tfjs-convolutions');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.getByRole('link', { name: /^See/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle('See · tfjs-convolutions');
});

test('colours follow the system until a person chooses, and the choice is kept', async ({ page }) => {
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/');
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.getByLabel('Colours').selectOption('dark');
  await expect.poll(ground).toBe(dark);
  await page.reload();
  await expect.poll(ground).toBe(dark);
});

for (const part of ['explore', 'see', 'train']) {
  for (const [name, viewport] of Object.entries(SIZES)) {
    test(`${part} fits a ${name} and has no fault that axe knows, light and dark`, async ({ page }) => {
      await page.setViewportSize(viewport);
      await page.goto(`/#${part}`);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(viewport.width);
    });
  }
}

test('what is chosen can be told apart where the system chooses all colours', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const outlines = (selector: string): Promise<string[]> =>
    page.locator(selector).evaluateAll((all) => all.map((element) => getComputedStyle(element).outlineStyle));
  await page.goto('/#explore/depthwise?channels=3');
  await expect(page.locator('.channel[aria-pressed=true]').first()).toBeVisible();
  expect(await outlines('.page-header nav a')).toEqual(['solid', 'none', 'none']);
  expect([...new Set(await outlines('.channel[aria-pressed=true]'))]).toEqual(['solid']);
  expect([...new Set(await outlines('.channel[aria-pressed=false]'))]).toEqual(['none']);
  await page.getByRole('link', { name: /^See/ }).click();
  await expect(page.locator('.see-digits img').first()).toBeVisible();
  expect((await outlines('.see-digits img')).filter((style) => style === 'solid')).toHaveLength(1);
});

test('the chosen convolution is in sight in its list, also where the list is scrolled', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const list = page.getByRole('navigation', { name: 'Convolutions' });
  // Edges may lie between pixels.
  const whole = { ratio: 0.99 };
  const link = (name: string): Locator => list.getByRole('link', { name, exact: true });
  await page.goto('/#explore/deformable');
  await expect(link('Deformable')).toHaveAttribute('aria-current', 'page');
  await expect(link('Deformable')).toBeInViewport(whole);
  await page.goto('/#explore/all');
  await expect(link('All at a glance')).toBeInViewport(whole);
  await page.goBack();
  await expect(link('Deformable')).toBeInViewport(whole);
  // The page itself stays where it is.
  expect(await page.evaluate(() => scrollY)).toBe(0);
});
