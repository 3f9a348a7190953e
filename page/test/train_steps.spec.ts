/** The three steps of Train: side by side or one below the other, with Start in sight and the curves where the eye is. */
import type { Locator, Page } from '@playwright/test';
import { accessibilityFaults } from './support/accessibility.js';
import { stripes } from './support/stripes.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

const stepsOf = (page: Page): Locator[] =>
  ['1. Images', '2. Train', '3. Try it'].map((name) => page.getByRole('region', { name }));

async function cornersOf(page: Page): Promise<{ x: number; y: number }[]> {
  return Promise.all(stepsOf(page).map(async (step) => (await step.boundingBox())!));
}

for (const [width, height] of [
  [1280, 720],
  [1440, 900],
] as const) {
  test(`the steps are side by side at ${width} × ${height}, and no column begins below the others`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height });
    await new TrainPage(page).visit();
    const [images, train, tryIt] = await cornersOf(page);
    expect(train!.x).toBeGreaterThan(images!.x + 200);
    expect(tryIt!.x).toBeGreaterThan(train!.x + 200);
    expect(new Set([images!.y, train!.y, tryIt!.y]).size).toBe(1);
  });
}

for (const [width, height] of [
  [360, 780],
  [768, 1024],
  [1280, 720],
] as const) {
  test(`Start is in sight from the first pixel to the last, and the curves when a run begins, at ${width} × ${height}`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height });
    const train = new TrainPage(page);
    await train.open();
    await train.prepareStripes({ epochs: 30 });
    await train.chooseBackend('wasm');
    const start = page.getByRole('button', { name: 'Start training' });
    const scroll = async (to: number): Promise<void> => {
      await page.evaluate((fraction) => {
        scrollTo(0, fraction * document.documentElement.scrollHeight);
      }, to);
    };
    for (const to of [0, 0.5, 1]) {
      await scroll(to);
      await expect(start).toBeInViewport({ ratio: 1 });
    }
    await start.click();
    await expect(page.getByRole('img', { name: /^Curves of loss/ })).toBeInViewport({ ratio: 0.5, timeout: 30_000 });
    await train.finish();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}

test('while a run trains, its many images can be scrolled by keys, and axe finds no fault', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 1000, count: 40 });
  await train.start();
  await train.epochsDone(1);
  const shots = page.getByRole('list', { name: 'Images of lying' });
  await expect(shots.getByRole('button').first()).toBeDisabled();
  expect(await accessibilityFaults(page)).toEqual([]);
  await shots.focus();
  await page.keyboard.press('End');
  await expect.poll(() => shots.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0);
});

test('networks and settings are folded away once a run begins, and say what is chosen', async ({ page }) => {
  await new TrainPage(page).visit();
  await expect(page.getByRole('radio', { name: 'Small network Four' })).toBeVisible();
  await expect(page.getByLabel('Epochs')).toBeHidden();
  await expect(page.getByText(/^5 epochs, batches of 32, on \w+$/)).toBeVisible();
  await page.getByRole('button', { name: 'Start training' }).click();
  await expect(page.getByRole('radio', { name: 'Small network Four' })).toBeHidden();
  await expect(page.getByText('Small network, deformable', { exact: true }).first()).toBeVisible();
  // The settings of a run can be read while it is locked.
  await page.getByText('Settings', { exact: true }).click();
  await expect(page.getByLabel('Epochs')).toBeDisabled();
});

test('augmentation shows copies of the chosen images, others on request, and none when it is off', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  const copies = page.getByRole('list', { name: 'Images and their augmented copies' }).getByRole('img');
  const addresses = (): Promise<string[]> =>
    copies.evaluateAll((images) => (images as HTMLImageElement[]).map(({ src }) => src));
  await expect(copies).toHaveCount(10);
  const digits = await addresses();
  expect(new Set(digits).size).toBe(10);
  await page.getByRole('button', { name: 'Other copies' }).click();
  await expect.poll(addresses).not.toEqual(digits);
  const others = await addresses();
  expect([others[0], others[5]]).toEqual([digits[0], digits[5]]);

  await page.getByRole('radio', { name: /Your own images/ }).check();
  await expect(page.getByText('With images, this shows a few of their copies.')).toBeVisible();
  await train.choose('Add images to Class A', await stripes('lying', 2));
  await expect(copies).toHaveCount(5);
  expect((await addresses()).includes(digits[0]!)).toBe(false);
  await page.getByRole('checkbox', { name: /Augment the images/ }).uncheck();
  await expect(copies).toHaveCount(0);
});

test('the camera is classified frame by frame, its bars keep their order, and it stops when it is closed', async ({
  page,
}) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes();
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  const frames = await train.countClassified();
  await page.getByRole('button', { name: 'Try with the camera' }).click();
  await expect(train.run.getByText(/^It says (lying|standing)/)).toBeVisible();
  await expect.poll(frames).toBeGreaterThan(2);
  await expect(train.run.locator('.guesses li')).toHaveText([/^lying/, /^standing/]);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Try with the camera' }).click();
  await expect(page.locator('video')).toHaveCount(0);
  await page.waitForTimeout(300);
  const after = await frames();
  await page.waitForTimeout(1000);
  expect(await frames()).toBe(after);
});

test('a trained network opens in See by one click', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes();
  await page.getByRole('radio', { name: 'Small network, deformable' }).check();
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  await page.getByRole('button', { name: 'Open it in See' }).click();
  await expect(page).toHaveURL(/#see/);
  await expect(page.getByRole('button', { name: /^Back to the / })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.goBack();
  await expect(train.run.getByText(/^Done: /)).toBeVisible();
});

test('screen readers hear what the samples are, and no marks of folded parts', async ({ page }) => {
  await new TrainPage(page).visit();
  const samples = page.getByRole('list', { name: 'Samples of the digits' }).getByRole('img');
  await expect(samples).toHaveCount(10);
  for (const [digit, sample] of (await samples.all()).entries()) await expect(sample).toHaveAccessibleName(`${digit}`);
  const heard = await page.getByRole('main').ariaSnapshot();
  expect(heard).toContain('heading "Settings"');
  expect(heard).not.toMatch(/[▸▾]/);
});
