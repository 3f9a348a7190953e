/** Links of Explore to the article, a notebook and the source of each convolution. */
import fs from 'node:fs';
import path from 'node:path';
import documents from '../documents.json';
import { CONVOLUTIONS } from '../src/explore/convolutions/index.js';
import { startOf } from '../src/explore/model/address.js';
import { accessibilityFaults } from './support/accessibility.js';
import { openExplore } from './support/explore_page.js';
import { SCHEMES, SIZES } from './support/sizes.js';
import { expect, test } from './support/test.js';

const ROOT = path.resolve(__dirname, '../..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** deformableConv2d as deformable_conv2d. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

test('every convolution has an article, a notebook that treats it, and the file of its layer', () => {
  expect(Object.keys(documents)).toEqual(CONVOLUTIONS.map(({ name }) => name));
  for (const convolution of CONVOLUTIONS) {
    const { article, notebook, source } = documents[convolution.name as keyof typeof documents];
    expect(read(article)).toContain(`(../page.md#explore/${convolution.name}`);
    const { factory } = convolution.network(startOf(convolution)).layers.at(-1)!;
    expect(source).toBe(`src/layers/${snakeCase(factory)}.ts`);
    expect(read(source)).toMatch(new RegExp(`^export class ${factory}\\b`, 'im'));
    expect(read(notebook).toLowerCase()).toContain(convolution.title.split(' ').at(-1)!.toLowerCase());
  }
  // Explore draws versions 1 and 2 of the deformable convolution, not 3 and 4.
  const articles = fs.readdirSync(path.join(ROOT, 'docs/convolutions')).map((file) => `docs/convolutions/${file}`);
  const linked = Object.values(documents).map(({ article }) => article);
  expect(articles.filter((file) => !linked.includes(file))).toEqual(['docs/convolutions/deformable_v3_v4.md']);
});

test('the links below the picture lead there, beside the page', async ({ page, context }) => {
  for (const { name } of CONVOLUTIONS) {
    const { article, notebook, source } = documents[name as keyof typeof documents];
    await openExplore(page, name);
    const links = page.getByRole('navigation', { name: 'Further reading' });
    for (const [link, file] of [
      [/^Article/, article],
      [/^Source/, source],
    ] as const) {
      const opened = context.waitForEvent('page');
      await links.getByRole('link', { name: link }).click();
      const tab = await opened;
      await expect.poll(() => tab.locator('body').textContent()).toBe(read(file));
      await tab.close();
    }
    const saved = page.waitForEvent('download');
    await links.getByRole('link', { name: /^Notebook/ }).click();
    expect(fs.readFileSync(await (await saved).path(), 'utf8')).toBe(read(notebook));
  }
});

test('the links fit into the page at every size, and axe finds no fault, light and dark', async ({ page }) => {
  for (const { width, height } of Object.values(SIZES)) {
    await page.setViewportSize({ width, height });
    await openExplore(page, 'depthwise-separable');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page, undefined, '.further')).toEqual([]);
    }
  }
});
