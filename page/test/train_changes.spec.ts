/** Train, when a person does several things at once or in an unusual order: nothing is lost or taken for something else. */
import fs from 'node:fs';
import { unzipSync } from 'fflate';
import { stripes } from './support/stripes.js';
import { accessibilityFaults } from './support/accessibility.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

test('a run that is resumed after another one was stopped can be paused and resumed', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 1 });
  await train.start();
  await train.finish();
  await page.getByLabel('Epochs').fill('1000');
  await train.start();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText(/1 of 1 epoch, on/)).toBeVisible();
  await train.unfold();
  await train.start();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(train.run.getByText(/^Stopped\./)).toBeVisible();
  await page.getByRole('button', { name: /^Resume it/ }).click();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(train.run.getByText('Paused.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume', exact: true })).toBeEnabled();
});

test('the bars are about the image that was tried last, though an earlier one takes longer', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 4 });
  await train.start();
  await train.finish();
  await train.worker().evaluate(() => {
    const decode = globalThis.createImageBitmap.bind(globalThis) as (source: Blob) => Promise<ImageBitmap>;
    let count = 0;
    Object.assign(globalThis, {
      createImageBitmap: async (source: Blob) => {
        if (count++ === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
        return decode(source);
      },
    });
  });
  const [lying] = await stripes('lying', 1);
  const [standing] = await stripes('standing', 1);
  await train.choose('Try an image of a file', lying!);
  await train.choose('Try an image of a file', standing!);
  const says = train.run.getByText(/^It says/);
  await expect(says).toHaveText('It says standing.');
  await page.waitForTimeout(2000);
  await expect(says).toHaveText('It says standing.');
});

test('images that are read while a run starts and is cancelled are all there', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ count: 3 });
  await train.worker().evaluate(() => {
    const decode = globalThis.createImageBitmap.bind(globalThis) as (source: Blob) => Promise<ImageBitmap>;
    Object.assign(globalThis, {
      createImageBitmap: async (source: Blob) => {
        await new Promise((resolve) => setTimeout(resolve, 3000));
        return decode(source);
      },
    });
  });
  await train.choose('Add images to lying', await stripes('lying', 12));
  await train.start();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(train.shotsOf('lying')).toHaveCount(15);
  await expect(page.getByText('Reading images …')).toHaveCount(0);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a class that is added gets a name that no other class has', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await page.getByRole('button', { name: 'Add a class' }).click();
  await page.getByRole('button', { name: 'Remove class Class A' }).click();
  await page.getByRole('button', { name: 'Add a class' }).click();
  const names = await page
    .locator('.class-name input')
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
  expect(names).toEqual(['Class B', 'Class C', 'Class D']);
});

test('a project keeps the images of classes whose names differ only where folders do not', async ({ page }, info) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareClasses({ 'cat?': await stripes('lying', 3), 'Cat*': await stripes('standing', 2) });
  await train.unfold();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const file = info.outputPath('project.zip');
  await (await saved).saveAs(file);
  const names = Object.keys(unzipSync(fs.readFileSync(file))).filter((name) => name.endsWith('.png'));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(5);
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await train.choose('Open a project', file);
  await expect(train.shotsOf('cat?')).toHaveCount(3);
  await expect(train.shotsOf('Cat*')).toHaveCount(2);
});

test('several .json files at once are refused by name', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  const files = ['model.json', 'Other.JSON'].map((name) => ({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from('{}'),
  }));
  await train.choose(/^Import a network/, files);
  await expect(page.getByRole('alert')).toHaveText(
    'A network has one .json file, received “model.json”, “Other.JSON”; choose its model.json and its weights alone. Nothing else has changed.',
  );
});

for (const part of ['explore', 'train']) {
  test(`a file that is dropped where nothing takes it does not replace the page [${part}]`, async ({ page }) => {
    await page.goto(`/#${part}`);
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
    const allowed = await page.evaluate(() =>
      ['dragover', 'drop'].map((name) => {
        const data = new DataTransfer();
        data.items.add(new File(['x'], 'photo.png', { type: 'image/png' }));
        return document.body.dispatchEvent(
          new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data }),
        );
      }),
    );
    expect(allowed).toEqual([false, false]);
  });
}

test('the focus stays near what a key has removed', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 200, count: 4 });
  await page.getByRole('button', { name: 'Remove lying 1.png' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Remove lying 2.png' })).toBeFocused();
  await page.getByRole('button', { name: 'Add a class' }).click();
  await page.getByRole('button', { name: 'Remove class Class C' }).press('Enter');
  await expect(page.locator('.own-images button:focus')).toHaveCount(1);
  await train.start();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(train.run.getByText('Paused.')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Start a new training' })).toBeFocused();
  await page.getByRole('button', { name: 'Clear everything' }).press('Enter');
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Clear everything' })).toBeFocused();
});

test('a removed image and a removed class come back to their places', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 1, count: 3 });
  await page.getByRole('button', { name: 'Add a class' }).click();
  const undo = page.getByRole('button', { name: 'Undo the removal' });
  const names = (kind: string): Promise<(string | null)[]> =>
    train.shotsOf(kind).evaluateAll((items) => items.map((item) => item.querySelector('button')!.title));
  const before = await names('lying');

  await page.getByRole('button', { name: 'Remove lying 1.png' }).click();
  await expect(page.getByText('“lying 1.png” is removed.')).toBeVisible();
  await expect(train.shotsOf('lying')).toHaveCount(2);
  await undo.press('Enter');
  await expect(train.shotsOf('lying')).toHaveCount(3);
  expect(await names('lying')).toEqual(before);
  await expect(undo).toHaveCount(0);
  await expect(page.locator('.own-images button:focus')).toHaveCount(1);

  await page.getByRole('button', { name: 'Remove class lying' }).click();
  await expect(page.getByText('The class “lying” with 3 images is removed.')).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await undo.click();
  await expect(page.getByLabel('Name of class 1')).toHaveValue('lying');
  expect(await names('lying')).toEqual(before);
  // An empty class is soon made again.
  await page.getByRole('button', { name: 'Remove class Class C' }).click();
  await expect(undo).toHaveCount(0);

  await page.getByRole('button', { name: 'Remove standing 0.png' }).click();
  await expect(undo).toBeVisible();
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await expect(undo).toHaveCount(0);
});
