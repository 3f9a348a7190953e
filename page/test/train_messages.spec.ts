/** Train, when something is wrong: a clear message, and nothing is lost. */
import type { Locator, Page } from '@playwright/test';
import * as tf from '@tensorflow/tfjs';
import { accessibilityFaults } from './support/accessibility.js';
import { SIZES } from './support/sizes.js';
import { stripes, type StripeFile } from './support/stripes.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

test('what cannot be trained is said in one sentence before work starts', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  const refusal = train.run.getByRole('alert');
  for (const [field, value, message] of [
    ['Epochs', '0', 'Epochs must be a whole number from 1 to 1000.'],
    ['Batch size', 'many', 'Batch size must be a whole number from 1 to 512.'],
    ['Learning rate', '', 'Learning rate must be a number from 0.00001 to 1.'],
    ['Seed', '1.5', 'Seed must be a whole number from 0 to 4294967295.'],
  ] as const) {
    const before = await page.getByLabel(field).inputValue();
    await page.getByLabel(field).fill(value);
    await train.start();
    await expect(refusal).toHaveText(message);
    await page.getByLabel(field).fill(before);
    await expect(refusal).toHaveCount(0);
  }
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await page.getByLabel('Name of class 2').fill('Class A');
  await train.start();
  await expect(refusal).toHaveText(/Two classes are called “Class A”/);
  await page.getByLabel('Name of class 2').fill('Class B');
  await train.start();
  await expect(refusal).toHaveText(/“Class A” has no images; every class needs two or more/);
});

test('a file that is no image or no network is named, and the rest stays', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ count: 3 });
  const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not an image') };
  await train.choose('Add images to lying', [...(await stripes('lying', 2)), broken]);
  await expect(page.getByRole('alert')).toHaveText(
    /“broken.png” was left out: it is not an image .* The others are there/,
  );
  await expect(train.shotsOf('lying')).toHaveCount(5);
  await page.getByRole('button', { name: 'Remove lying 0.png' }).first().click();
  await expect(train.shotsOf('lying')).toHaveCount(4);

  const json = { name: 'model.json', mimeType: 'application/json', buffer: Buffer.from('{"a": 1}') };
  for (const [files, message] of [
    [[json], '“model.json” is not a network in the layers format of TensorFlow.js'],
    [[broken], 'Choose model.json together with its weights'],
    [
      [{ ...json, buffer: Buffer.from('{"modelTopology": {}, "weightsManifest": [{"paths": ["weights.bin"]}]}') }],
      '“model.json” needs the file “weights.bin” too',
    ],
  ] as const) {
    await train.choose(/^Import a network/, [...files]);
    await expect(page.getByRole('alert').last()).toContainText(message);
  }
  await expect(train.shotsOf('standing')).toHaveCount(3);
});

test('a camera takes shots while its button is held, by key too; without permission it says so', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await page.getByRole('button', { name: 'Camera for Class A' }).click();
  const hold = page.getByRole('button', { name: 'Hold to take pictures: Class A' });
  await expect(hold).toBeEnabled();
  await hold.focus();
  await page.keyboard.down(' ');
  await expect.poll(() => train.shotsOf('Class A').count()).toBeGreaterThan(2);
  await page.keyboard.up(' ');
  expect(await accessibilityFaults(page)).toEqual([]);

  // This browser was started so that it grants every camera; what a person's refusal gives is known.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await page.getByRole('button', { name: 'Camera for Class B' }).click();
  await expect(page.getByRole('alert')).toHaveText(/^Permission to use the camera was denied/);
});

/** Makes the worker lose its WebGL context when it waits for the device for the nth time. */
async function loseContextAt(train: TrainPage, wait: number): Promise<void> {
  await train.worker().evaluate((count) => {
    const { prototype } = WebGL2RenderingContext;
    const original = Reflect.get(prototype, 'fenceSync');
    let left = count;
    prototype.fenceSync = function (...args) {
      if (--left === 0) this.getExtension('WEBGL_lose_context')!.loseContext();
      return Reflect.apply(original, this, args);
    };
  }, wait);
}

/** Number of runs, each of which loses its device at another moment. */
const LOSSES = Number(process.env['LOSSES'] ?? 1);
const EPOCHS = 8;
/** Times that an epoch waits for its device, mostly to read weights back; the whole run waits some more. */
const WAITS_PER_EPOCH = 55;

for (let loss = 0; loss < LOSSES; loss++) {
  const wait = 1 + Math.floor(((loss + 0.5) / LOSSES) * EPOCHS * WAITS_PER_EPOCH);
  test(`a run whose graphics device is lost at wait ${wait} goes on elsewhere by itself`, async ({ page }) => {
    const train = new TrainPage(page);
    await train.open();
    await train.prepareStripes({ epochs: EPOCHS });
    await train.chooseBackend('webgl');
    await loseContextAt(train, wait);
    await train.start();
    const said = train.run.getByText('The graphics device of webgl was lost. The run goes on with wasm');
    await expect(said).toBeVisible({ timeout: 120_000 });
    if (loss === 0) expect(await accessibilityFaults(page)).toEqual([]);
    expect(await train.finish()).toBeGreaterThan(0.9);
    const epochs = (await train.figures()).map(([epoch]) => epoch);
    expect(epochs).toEqual(Array.from({ length: EPOCHS }, (_, index) => `${index + 1}`));
    await expect(train.run.getByRole('alert')).toHaveCount(0);
  });
}

test('a run resumes from its saved state where nothing else starts, and a backend that does not ends nothing', async ({
  page,
}) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: EPOCHS });
  await train.chooseBackend('webgl');
  await loseContextAt(train, WAITS_PER_EPOCH * 2);
  await train.worker().evaluate(() => {
    const refuse = (): Promise<never> => Promise.reject(new Error('switched off'));
    Object.assign(WebAssembly, { instantiate: refuse, instantiateStreaming: refuse });
  });
  await train.start();
  await expect(train.run.getByRole('alert')).toContainText('The backend wasm did not start: ', { timeout: 60_000 });
  await expect.poll(() => page.workers().length).toBe(0);
  await train.chooseBackend('wasm');
  await page.getByRole('button', { name: 'Resume from the saved state on wasm' }).click();
  expect(await train.finish()).toBeGreaterThan(0.9);
  expect((await train.figures()).length).toBe(EPOCHS);

  await train.worker().evaluate(() => {
    GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('switched off'));
  });
  await train.chooseBackend('webgpu');
  await train.start();
  await expect(train.run.getByRole('alert')).toContainText('The backend webgpu did not start: ');
  await expect(page.getByText('A trained network is saved here')).toBeVisible();
  await train.chooseBackend('wasm');
  await page.getByRole('button', { name: 'Open it' }).click();
  expect(await train.finish()).toBeGreaterThan(0.9);
});

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`its start and a finished run look as approved on a ${name}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    const train = new TrainPage(page);
    await train.visit();
    await expect(page.getByText(/parameters, .* multiply-adds/)).toHaveCount(4);
    await expect(page.getByRole('list', { name: /augmented copies/ }).getByRole('img')).toHaveCount(10);
    await unstick(page);
    await expect(page).toHaveScreenshot(`train-start-${name}.png`, { fullPage: true });
    await train.prepareStripes({ epochs: 6 });
    await train.chooseBackend('wasm');
    await train.start();
    await train.finish();
    await train.choose('Try an image of a file', await stripes('standing', 1));
    await expect(train.run.getByText('It says standing')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await conceal(page.locator('.figures dd').filter({ hasText: / s$|images\/s/ }));
    // Names of devices and drivers, which the settings show, differ from machine to machine.
    await page.getByRole('heading', { name: 'Settings' }).click();
    await page.mouse.move(0, 0);
    await page.evaluate(() => {
      scrollTo(0, 0);
    });
    await expect(page).toHaveScreenshot(`train-done-${name}.png`, { fullPage: true });
  });
}

/** Puts the bar of the run where it belongs, since a picture of the whole page has no place in which it would stay in sight. */
async function unstick(page: Page): Promise<void> {
  await page.locator('.run-bar').evaluate((bar) => {
    bar.style.position = 'static';
  });
}

/** Leaves the room of what is not the same each time. */
async function conceal(elements: Locator): Promise<void> {
  await elements.evaluateAll((all) => {
    for (const element of all as HTMLElement[]) element.style.visibility = 'hidden';
  });
}

/** A network of TensorFlow.js as files, as converters write them. */
async function stockNetwork(last: 'softmax' | 'linear' | 'sigmoid', dilationRate = 1): Promise<StripeFile[]> {
  await tf.setBackend('cpu');
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 8, kernelSize: 3, dilationRate, activation: 'relu', inputShape: [28, 28, 1] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 2, activation: last }),
    ],
  });
  const files: StripeFile[] = [];
  await model.save(
    tf.io.withSaveHandler(({ modelTopology, weightSpecs, weightData }) => {
      const json = {
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }],
      };
      const buffer = Buffer.from(JSON.stringify(json));
      files.push({ name: 'model.json', mimeType: 'application/json', buffer });
      files.push({
        name: 'w.bin',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(weightData as ArrayBuffer),
      });
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } });
    }),
  );
  model.dispose();
  return files;
}

test('networks of others train, whatever they end in and however they are dilated, or say why not', async ({
  page,
}) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 2, count: 6 });
  await train.choose(/^Import a network/, await stockNetwork('sigmoid'));
  await expect(page.getByRole('alert').last()).toContainText(
    'do not add up to 1, as those for several labels an image',
  );
  const graph = { name: 'model.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"graph-model"}') };
  await train.choose(/^Import a network/, graph);
  await expect(page.getByRole('alert').last()).toContainText('is a graph model, which has no layers to train');

  await train.choose(/^Import a network/, await stockNetwork('linear', 2));
  await expect(page.getByText('Its outputs are scores; here, a softmax makes probabilities of them.')).toBeVisible();
  await page.getByLabel('Pixel values that it takes').selectOption('0 to 1');
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  const losses = (await train.figures()).map(([, loss]) => Number(loss));
  expect(losses.every((loss) => loss < 2)).toBe(true);
  await expect(page.getByLabel('Pixel values that it takes')).toHaveValue('unit');
});
