/** Explore's animation as a file. */
import fs from 'node:fs';
import { known, openExplore } from './support/explore_page.js';
import { expect, test } from './support/test.js';

test('the animation is saved as a GIF with a frame for each output cell', async ({ page }) => {
  const { decode, decodeFrames } = await import('modern-gif');
  await openExplore(page, 'plain?height=5&width=5&image=random&preset=random');
  await known(page);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as GIF' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('plain.gif');
  const bytes = fs.readFileSync(await file.path());
  const gif = decode(bytes);
  expect(gif.frames.length).toBe(9);
  const box = (await page.locator('.maps').boundingBox())!;
  expect([gif.width, gif.height]).toEqual([box.width, box.height].map((side) => Math.ceil(side + 24)));
  // Each frame shows one more cell than the one before.
  const frames = decodeFrames(bytes, { gif }).map(({ data }) => Buffer.from(data.buffer).toString('base64'));
  expect(new Set(frames).size).toBe(9);
  await expect(page.getByRole('button', { name: 'Save as GIF' })).toBeVisible();
  await expect(page.getByRole('grid', { name: /^Output/ }).locator('.blank')).toHaveCount(0);
});

test('a GIF that is being made can be ended, and ends when the picture changes', async ({ page }) => {
  const downloads: string[] = [];
  page.on('download', (file) => downloads.push(file.suggestedFilename()));
  await openExplore(page, 'plain');
  await known(page);
  const cancel = page.getByRole('button', { name: 'Cancel the GIF' });
  const start = page.getByRole('button', { name: 'Save as GIF' });
  await start.click();
  await expect(page.getByText(/^\d+ of \d+ frames$/)).toBeVisible();
  await cancel.click();
  await expect(start).toBeVisible();
  await start.click();
  await expect(page.getByText(/^\d+ of \d+ frames$/)).toBeVisible();
  await page.getByLabel('Stride', { exact: true }).fill('2');
  await expect(start).toBeVisible();
  expect(downloads).toEqual([]);
});
