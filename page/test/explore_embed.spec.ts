/** The picture alone, as the articles of the guide show it in a frame. */
import { accessibilityFaults } from './support/accessibility.js';
import { known, numbersIn, outputOf } from './support/explore_page.js';
import { SCHEMES } from './support/sizes.js';
import { expect, test } from './support/test.js';

test('a frame shows the picture alone, which computes, fits and has no fault that axe knows', async ({ page }) => {
  await page.goto('/#embed/plain?height=5&width=5&image=ones&preset=ones');
  await known(page);
  expect(await numbersIn(outputOf(page))).toEqual(Array.from({ length: 9 }, () => 9));
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await expect(page.getByRole('region')).toHaveCount(1);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const width of [312, 688]) {
      await page.setViewportSize({ width, height: 600 });
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  }
});

test('a frame whose script does not arrive says so', async ({ page, watch }) => {
  watch.expectErrors.push(/Failed to load resource|net::ERR/);
  await page.route('**/assets/embed_part-*.js', (route) => route.abort());
  await page.goto('/#embed/plain');
  await expect(page.getByRole('alert')).toContainText('The picture did not load');
});
