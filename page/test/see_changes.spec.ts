/** See, when networks, pictures and workers change quickly: the last choice stays, and none is lost. */
import type { Locator, Page } from '@playwright/test';
import { fixture } from '../../test/interop/support/fixtures.js';
import { dotsOf, farthest, live, openSee, placementOf, positionOf } from './support/see_page.js';
import { drawnScene, samplesOf } from './support/seen.js';
import { expect, test } from './support/test.js';

const networkFiles = (page: Page): Locator =>
  page.getByRole('region', { name: 'A network of your own' }).locator('input[type=file]');

const network = (name: string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(fixture('keras_2.h5.gz')),
});

/** Ends the worker as a browser without memory does. */
async function endWorker(page: Page): Promise<void> {
  const own = page.workers().filter((worker) => !worker.url().startsWith('blob:'));
  await own.at(-1)!.evaluate(() => {
    self.close();
  });
}

test('a network that is opened while See starts is opened', async ({ page }) => {
  await page.route(/\/assets\/worker/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await page.goto('/#see');
  await networkFiles(page).setInputFiles(network('early.h5'));
  await expect(page.getByText('Your network “early.h5”.')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('of two networks opened in turn, the second stays, though the first takes longer to read', async ({ page }) => {
  await openSee(page);
  await page.evaluate(() => {
    const original = Object.getOwnPropertyDescriptor(Blob.prototype, 'arrayBuffer')!;
    const read = original.value as (this: Blob) => Promise<ArrayBuffer>;
    File.prototype.arrayBuffer = async function () {
      if (this.name === 'slow.h5') await new Promise((resolve) => setTimeout(resolve, 1500));
      const bytes = await read.call(this);
      document.documentElement.setAttribute('data-read', this.name);
      return bytes;
    };
  });
  await networkFiles(page).setInputFiles(network('slow.h5'));
  await networkFiles(page).setInputFiles(network('fast.h5'));
  await expect(page.locator('html')).toHaveAttribute('data-read', /slow/);
  // Time to open it, which takes a tenth of this.
  await page.waitForTimeout(2000);
  await expect(page.getByText('Your network “fast.h5”.')).toBeVisible();
});

test('of two pictures chosen in turn, the second stays, though the first takes longer to load', async ({ page }) => {
  await openSee(page);
  await page.getByRole('button', { name: 'Look into this network' }).click();
  await expect(page.getByRole('heading', { name: 'Where it looks' })).toBeVisible();
  await page.route('**/photos/cat.webp', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  const caption = page.locator('.see-steps figcaption').first();
  const slow = page.waitForResponse('**/photos/cat.webp');
  await page.getByRole('radio', { name: 'cat', exact: true }).click();
  await page.getByRole('radio', { name: 'rocket' }).click();
  await (await slow).finished();
  // Time to show it, which takes a tenth of this.
  await page.waitForTimeout(2000);
  await expect(caption).toHaveText('rocket');
  await expect(page.getByRole('radio', { name: 'rocket' })).toBeChecked();
});

test('several pictures at once are refused by name', async ({ page }) => {
  await openSee(page);
  await page.evaluate(() => {
    const data = new DataTransfer();
    for (const name of ['one.png', 'two.png']) data.items.add(new File(['x'], name, { type: 'image/png' }));
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await expect(page.getByRole('alert')).toHaveText(
    'One picture can be shown at a time, received “one.png”, “two.png”.',
  );
});

test('a worker that the browser ends is told, and See goes on in another one; a second end is told too', async ({
  page,
}) => {
  await openSee(page);
  await endWorker(page);
  await expect(page.getByRole('alert')).toContainText('The worker stopped: the browser ended it');
  await page.getByRole('application', { name: /^The digit/ }).press('ArrowUp');
  const [found] = await samplesOf('deformable', await drawnScene(8, await placementOf(page)), [await positionOf(page)]);
  await expect.poll(async () => farthest(await dotsOf(live(page)), found!.taps)).toBeLessThan(0.05);
  await endWorker(page);
  await expect(page.getByRole('alert')).toContainText('The worker stopped again: the browser ended it');
});
