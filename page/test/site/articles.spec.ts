/** Articles of the guide: their live pictures and the switch of the language. */
import type { Page } from '@playwright/test';
import { accessibilityFaults } from '../support/accessibility.js';
import { notKorean, textsOf } from '../support/texts_of.js';
import { SCHEMES, SIZES } from '../support/sizes.js';
import { expect, test } from '../support/test.js';

const ARTICLES = {
  plain: 'Plain',
  dilated: 'Dilated',
  transposed: 'Transposed',
  spatially_separable: 'Spatially separable',
  depthwise: 'Depthwise',
  pointwise: 'Pointwise',
  depthwise_separable: 'Depthwise separable',
  grouped: 'Grouped',
  deformable: 'Deformable',
  deformable_v3_v4: 'Deformable',
  roi_pooling: 'RoI pooling',
} as const;

const card = (page: Page) => page.locator('.explore-card');
const frame = (page: Page) => card(page).frameLocator('iframe');
const cells = (page: Page) =>
  frame(page)
    .getByRole('grid', { name: /^Output/ })
    .getByRole('gridcell');

test('every article shows its convolution live, and nothing moves when that arrives', async ({ page }) => {
  for (const [article, title] of Object.entries(ARTICLES)) {
    await test.step(article, async () => {
      await page.goto(`/convolutions/${article}.html`);
      const height = (): Promise<number> => page.evaluate(() => document.documentElement.scrollHeight);
      const before = await height();
      await card(page).scrollIntoViewIfNeeded();
      await expect(frame(page).getByRole('heading', { level: 1 })).toContainText(title);
      await expect(cells(page).first()).toBeVisible();
      expect(await height()).toBe(before);
      await expect(frame(page).getByRole('banner')).toHaveCount(0);
    });
  }
});

test('the live picture of a Korean article is in Korean', async ({ page }) => {
  for (const article of Object.keys(ARTICLES)) {
    await test.step(article, async () => {
      await page.goto(`/ko/convolutions/${article}.html`);
      await card(page).scrollIntoViewIfNeeded();
      await expect(frame(page).getByRole('grid', { name: /^출력/ }).getByRole('gridcell').first()).toHaveAccessibleName(
        /^1행 1열: /,
      );
      await expect(frame(page).locator('html')).toHaveAttribute('lang', 'ko');
      expect(notKorean(await textsOf(frame(page).locator('#page')))).toEqual([]);
    });
  }
});

test('the live picture computes, is reached by Tab, and leaves the address of the article alone', async ({ page }) => {
  await page.goto('/ko/convolutions/depthwise.html');
  await card(page).scrollIntoViewIfNeeded();
  const outputs = frame(page).getByRole('grid', { name: /^출력/ }).getByRole('gridcell');
  await expect(outputs.first()).toHaveAccessibleName(/: /);
  await page
    .locator('.vp-doc')
    .getByRole('link', { name: /^Explore/ })
    .first()
    .focus();
  await page.keyboard.press('Tab');
  // The first that Tab reaches in the frame is the grid of the input.
  await expect(frame(page).getByRole('grid').first().locator(':focus')).toHaveAccessibleName(/^1행 1열/);
  await outputs.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(frame(page).getByText('출력의 1행 2열 칸(채널 1)은')).toBeVisible();
  // The address of Explore follows its view 250 ms later.
  await page.waitForTimeout(500);
  const addressOfFrame = await page.evaluate(() => document.querySelector('iframe')!.contentWindow!.location.hash);
  expect(addressOfFrame).toMatch(/^#embed\//);
  await expect(page).toHaveURL(/\/ko\/convolutions\/depthwise\.html$/);
});

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`the picture has the colours of the guide on a ${name}, without a fault that axe knows`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: 'light' });
    for (const scheme of SCHEMES) {
      await page.addInitScript((appearance) => {
        if (window === top) localStorage.setItem('vitepress-theme-appearance', appearance);
      }, scheme);
      await page.goto('/convolutions/plain.html');
      await card(page).scrollIntoViewIfNeeded();
      await expect(frame(page).locator('html')).toHaveAttribute('data-theme', scheme);
      await expect(cells(page).first()).toHaveAccessibleName(/: /);
      expect(await accessibilityFaults(page, undefined, '.explore-card')).toEqual([]);
    }
  });
}

test('the language switch stays on the article, and leads home from a page without a translation', async ({ page }) => {
  const switchTo = async (language: string): Promise<void> => {
    const menu = page.locator('.VPNavBarTranslations');
    await menu.getByRole('button').hover();
    await menu.getByRole('link', { name: language }).click();
  };
  await page.goto('/convolutions/dilated.html');
  await switchTo('한국어');
  await expect(page).toHaveURL('/ko/convolutions/dilated.html');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('팽창');
  await switchTo('English');
  await expect(page).toHaveURL('/convolutions/dilated.html');
  await page.goto('/speed.html');
  await switchTo('한국어');
  await expect(page).toHaveURL('/ko/');
});

test('Explore leads from every convolution to its article', async ({ page, context }) => {
  for (const article of Object.keys(ARTICLES).filter((name) => name !== 'deformable_v3_v4')) {
    await page.goto(`/page/index.html#explore/${article.replaceAll('_', '-')}`);
    const links = page.getByRole('navigation', { name: 'Further reading' });
    const opened = context.waitForEvent('page');
    await links.getByRole('link', { name: /^Article/ }).click();
    const tab = await opened;
    await expect(tab).toHaveURL(`/convolutions/${article}.html`);
    await expect(tab.getByRole('heading', { level: 1 })).toBeVisible();
    await tab.close();
    for (const other of await links.getByRole('link').all()) {
      expect((await page.request.head((await other.getAttribute('href'))!)).ok()).toBe(true);
    }
  }
});

test('sources that the guide links to keep their letters, whatever the server says of them', async ({ context }) => {
  // Not the page that is watched for errors: for text, the browser asks for an icon that is not there.
  const text = await context.newPage();
  await text.goto('/source/src/ops/deform_conv2d/op.ts.txt');
  await expect(text.locator('body')).toContainText('offsetGroups · kh · kw');
});

test('the guide lists the notebooks, each to read or to keep', async ({ page }) => {
  await page.goto('/notebooks.html');
  const names = page.getByRole('cell').getByRole('link', { name: /\.ipynb$/ });
  await expect(names).toHaveCount(6);
  for (const link of await names.all()) {
    const href = (await link.getAttribute('href'))!;
    expect(href).toMatch(/^\/(?:notebooks\/\w+\.html|source\/examples\/notebooks\/\w+\.ipynb)$/);
    expect((await page.request.head(href)).ok()).toBe(true);
  }
});

test('the contents lead to the start, and to the layers and models', async ({ page }) => {
  await page.goto('/convolutions/plain.html');
  const contents = page.getByRole('navigation', { name: 'Sidebar Navigation' });
  await contents.getByRole('link', { name: 'Getting started', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Getting started');
  await contents.getByRole('link', { name: 'Operators, layers and models', exact: true }).click();
  await expect(page).toHaveURL(/\/library\.html#operators-layers-and-models$/);
  await expect(page.getByRole('heading', { name: 'Operators, layers and models' })).toBeInViewport();
});

for (const scheme of SCHEMES) {
  test(`axe finds no fault in the pages of the guide (${scheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const path of [
      '',
      'convolutions/dilated.html',
      'ko/convolutions/deformable.html',
      'library.html',
      'page.html',
    ]) {
      await page.goto(`/${path}`);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      expect(await accessibilityFaults(page), path).toEqual([]);
    }
  });
}
