/** Train, on every backend, as a person would: images, a run, its files, a second visit. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { accessibilityFaults } from './support/accessibility.js';
import { STRIPES, stripes, writeStripes } from './support/stripes.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

const ROOT = path.resolve(__dirname, '../..');
const run = promisify(execFile);

/** What a program of Node prints. */
async function node(...args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [...args], { cwd: ROOT })).stdout.trim();
}

for (const backend of ['wasm', 'webgl', 'webgpu'] as const) {
  test(`a whole training passes 90 %, leaks nothing, and its files load elsewhere [${backend}]`, async ({
    page,
  }, info) => {
    const train = new TrainPage(page);
    const images = info.outputPath('images');
    await writeStripes(images, 12);
    await train.open();
    await page.getByRole('radio', { name: /Your own images/ }).check();
    await train.choose('A folder with one folder per class', images);
    for (const kind of STRIPES) await expect(train.shotsOf(kind)).toHaveCount(12);
    await train.shorten(4);
    await train.chooseBackend(backend);
    await train.start();
    const accuracy = await train.finish();
    expect(accuracy).toBeGreaterThan(0.9);
    const tensors = (await train.figures()).map((row) => row.at(-1));
    expect(tensors.length).toBe(4);
    // The last, smaller batch of an epoch is recorded in the first two; replays keep the constants of what they recorded.
    expect(new Set(tensors.slice(1)).size).toBe(1);

    const model = info.outputPath('model');
    const files = await train.exportTo(model);
    expect(files.map((file) => path.basename(file)).sort()).toEqual(['model.json', 'weights.bin']);
    const lines = (await node('page/test/support/load_exported.mjs', model, images)).split('\n');
    expect(Number(lines.at(-1))).toBeGreaterThan(0.9);
    if (backend === 'wasm') {
      const printed = await node('dist/cjs/cli/main.js', 'evaluate', model, '--data', images);
      expect(Number(/test accuracy ([\d.]+) %/.exec(printed)![1]) / 100).toBe(accuracy);
    }

    await train.choose(/^Import a network/, files);
    await expect(page.getByRole('radio', { name: /Imported network Sorts images of 28 × 28 × 1/ })).toBeChecked();
    for (const kind of STRIPES) {
      await train.choose('Try an image of a file', await stripes(kind, 1));
      await expect(train.run.getByText(`It says ${kind}`)).toBeVisible();
    }
    expect(await accessibilityFaults(page)).toEqual([]);
  });
}

/** The same network with its weights in two files, as converters write them. */
function splitWeights(files: readonly string[]): string[] {
  const [json, weights] = ['model.json', 'weights.bin'].map((name) => files.find((file) => file.endsWith(name))!);
  const bytes = fs.readFileSync(weights!);
  const parts = [bytes.subarray(0, 1000), bytes.subarray(1000)].map((part, index) => {
    const file = path.join(path.dirname(weights!), `group1-shard${index + 1}of2.bin`);
    fs.writeFileSync(file, part);
    return file;
  });
  const model = JSON.parse(fs.readFileSync(json!, 'utf8')) as { weightsManifest: { paths: string[] }[] };
  model.weightsManifest[0]!.paths = parts.map((file) => path.basename(file));
  fs.writeFileSync(json!, JSON.stringify(model));
  return [json!, ...parts];
}

test('an imported network of several files goes on learning from where it was', async ({ page }, info) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes();
  await train.start();
  await train.finish();
  const files = splitWeights(await train.exportTo(info.outputPath('model')));
  await page.reload();
  await train.ready();
  await expect(train.shotsOf('standing')).toHaveCount(12);
  await train.shorten(1);
  await train.choose(/^Import a network/, files);
  await expect(page.getByRole('radio', { name: /Imported network/ })).toBeChecked();
  await page.getByLabel('Learning rate').fill('0.00001');
  await train.start();
  expect(await train.finish()).toBe(1);
  const [[, loss] = []] = await train.figures();
  expect(Number(loss)).toBeLessThan(0.3);

  // What is tried is what is exported and shown: the trained network, unless the imported one is asked for.
  const tryIt = page.getByRole('region', { name: '3. Try it' });
  await expect(tryIt).toContainText('the trained network is');
  await tryIt.getByLabel('Network to try').selectOption('imported');
  await expect(tryIt).toContainText('the imported network is');
});

test('a run that is paused, reloaded and taken up again ends with the weights of one that was not', async ({
  page,
}, info) => {
  const train = new TrainPage(page);
  const weightsOf = async (name: string): Promise<Buffer> => {
    await train.exportTo(info.outputPath(name));
    return fs.readFileSync(path.join(info.outputPath(name), 'weights.bin'));
  };
  await train.open();
  await train.prepareStripes({ epochs: 30 });
  await page.getByRole('checkbox', { name: /Augment the images/ }).check();
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  const whole = await weightsOf('whole');

  await train.start();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(train.run.getByText('Paused.')).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeEnabled();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(train.run.getByText('Paused.')).toBeVisible();

  await page.reload();
  await expect(
    page.getByText(/A run was interrupted: lying, standing · Small network, \d+ of 30 epochs/),
  ).toBeVisible();
  await train.ready();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume it' }).click();
  await train.finish();
  expect((await weightsOf('resumed')).equals(whole)).toBe(true);
});

test('a run that is stopped leaves a network, and a new one may begin', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 500 });
  await train.start();
  await train.epochsDone(1);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(train.run.getByText('Stopped.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export the network' })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Start a new training' })).toBeEnabled();
});

test('a worker that breaks down is told, and its run goes on in another one', async ({ page, watch }) => {
  watch.expectErrors.push(/broken on purpose/);
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 30 });
  await train.chooseBackend('wasm');
  await train.start();
  await train.epochsDone(1);
  await train.worker().evaluate(() => {
    setTimeout(() => {
      throw new Error('broken on purpose');
    });
  });
  await expect(train.run.getByRole('alert')).toContainText('broken on purpose');
  await page.getByRole('button', { name: 'Resume from the saved state on wasm' }).click();
  expect(await train.finish()).toBeGreaterThan(0.9);
});

test('the digits that come with the page are learned, and a drawn one is named', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await page.getByLabel('Training digits').selectOption('1000');
  await page.getByRole('radio', { name: 'Small network Four' }).check();
  await page.getByLabel('Epochs').fill('3');
  await page.getByLabel('Batch size').fill('16');
  await page.getByLabel('Learning rate').fill('0.01');
  await page.getByRole('checkbox', { name: /Augment the images/ }).uncheck();
  await train.start();
  expect(await train.finish()).toBeGreaterThan(0.6);
  const square = page.getByRole('img', { name: /Square to draw in/ });
  await square.scrollIntoViewIfNeeded();
  const pad = (await square.boundingBox())!;
  await page.mouse.move(pad.x + pad.width / 2, pad.y + 20);
  await page.mouse.down();
  await page.mouse.move(pad.x + pad.width / 2, pad.y + pad.height - 20, { steps: 5 });
  await page.mouse.up();
  await expect(train.run.getByText('It says 1')).toBeVisible();
});

for (const backend of ['wasm', 'webgl'] as const) {
  test(`training replays its step, before and after a pause [${backend}]`, async ({ page }) => {
    const train = new TrainPage(page);
    await train.open();
    // Steps of one size.
    await train.prepareStripes({ epochs: 1000, count: 5 });
    await page.getByLabel('Batch size').fill('4');
    await train.chooseBackend(backend);
    const count = await train.countSteps();
    const trained = (least: number): Promise<void> =>
      expect.poll(async () => (await count()).all, { timeout: 60_000 }).toBeGreaterThanOrEqual(least);
    await train.start();
    await trained(8);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(train.run.getByText('Paused.')).toBeVisible();
    const before = await count();
    // Until two steps in a row have done the same; and now and then a replay is compared with an ordinary step.
    expect(before.differentiated).toBeLessThanOrEqual(4 + before.all / 16);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await trained(before.all + 6);
    const after = await count();
    expect(after.differentiated - before.differentiated).toBeLessThanOrEqual(1 + (after.all - before.all) / 16);
  });
}
