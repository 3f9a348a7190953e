/** Train keeps what a person has made: beside other parts of the page, after a reload, in two tabs, and in a file. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { accessibilityFaults } from './support/accessibility.js';
import { stripes } from './support/stripes.js';
import { expect, test } from './support/test.js';
import { kept, prepared, TrainPage } from './support/train_page.js';

const ROOT = path.resolve(__dirname, '../..');
const run = promisify(execFile);

test('a training goes on while another part is open, and its images and settings stay', async ({ page }) => {
  const train = await prepared(page, { epochs: 150 });
  await train.start();
  await train.epochsDone(1);
  const parts = page.getByRole('navigation');
  await parts.getByRole('link', { name: /^Explore/ }).click();
  await expect(parts.getByRole('link', { name: /^Explore/ })).toHaveAttribute('aria-current', 'page');
  await expect(parts.getByRole('link', { name: /Training: [1-9]\d* %/ })).toBeVisible({ timeout: 60_000 });
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.goBack();
  await expect(train.shotsOf('lying')).toHaveCount(12);
  await expect(page.getByLabel('Epochs')).toHaveValue('150');
  expect(await train.finish()).toBeGreaterThan(0.9);
  await expect(parts.getByRole('link', { name: /^Train/ })).not.toContainText('%');
});

test('a camera stops when another part is opened', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await page.getByRole('radio', { name: /Your own images/ }).check();
  await page.getByRole('button', { name: 'Camera for Class A' }).click();
  await expect(page.getByRole('button', { name: 'Hold to take pictures: Class A' })).toBeEnabled();
  const states = await page.evaluateHandle(() => {
    const stream = document.querySelector('video')!.srcObject as MediaStream;
    return stream.getTracks();
  });
  await page.getByRole('link', { name: /^Explore/ }).click();
  await expect.poll(() => states.evaluate((tracks) => tracks.map(({ readyState }) => readyState))).toEqual(['ended']);
});

test('images, classes, settings and an imported network are there after a reload', async ({ page }, info) => {
  const train = await prepared(page, { epochs: 1, count: 5 });
  await train.start();
  await train.finish();
  await train.choose(/^Import a network/, await train.exportTo(info.outputPath('model')));
  await expect(page.getByRole('radio', { name: /Imported network/ })).toBeChecked();
  await page.getByRole('button', { name: 'Remove lying 0.png' }).click();
  await page.getByLabel('Learning rate').fill('0.02');
  await kept(page);
  await page.reload();
  await train.ready();
  await expect(page.getByLabel('Name of class 2')).toHaveValue('standing');
  await expect(train.shotsOf('lying')).toHaveCount(4);
  await expect(train.shotsOf('standing')).toHaveCount(5);
  await expect(page.getByLabel('Learning rate')).toHaveValue('0.02');
  await expect(page.getByRole('radio', { name: /Imported network/ })).toBeChecked();
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await expect(page.getByRole('radio', { name: /Handwritten digits/ })).toBeChecked();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(train.shotsOf('standing')).toHaveCount(5);
});

test('a worker that the browser ends without a word is told, and its run goes on in another one', async ({ page }) => {
  const train = await prepared(page, { epochs: 40 });
  await train.start();
  await train.epochsDone(1);
  await train.worker().evaluate(() => {
    self.close();
  });
  await expect(train.run.getByRole('alert')).toContainText('the browser ended it');
  await page.getByRole('button', { name: 'Resume from the saved state on wasm' }).click();
  expect(await train.finish()).toBeGreaterThan(0.9);
});

test('a step that never ends can be ended, and so can a start', async ({ page }) => {
  const train = await prepared(page, { epochs: 40 });
  await train.start();
  await train.epochsDone(1);
  await train.worker().evaluate(() => {
    setTimeout(() => {
      for (;;);
    });
  });
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(train.run.getByText('This takes longer than usual.')).toBeVisible();
  await page.getByRole('button', { name: 'End it now' }).click();
  await expect(train.run.getByRole('alert')).toContainText('ended in the middle of a step');
  await page.getByRole('button', { name: 'Resume from the saved state on wasm' }).click();
  expect(await train.finish()).toBeGreaterThan(0.9);

  await train.worker().evaluate(() => {
    setTimeout(() => {
      for (;;);
    });
  });
  await train.start();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
  await train.start();
  await train.epochsDone(1);
});

test('copies are used once; test images are counted, and mistakes shown', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes({ epochs: 3, count: 15 });
  const again = await stripes('lying', 3);
  await train.choose('Add images to lying', again);
  // The same pictures in both classes cannot be told apart.
  await train.choose('Add images to standing', again);
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  await expect(train.run.getByText(/^Done: .* of the 7 test images/)).toBeVisible();
  const counts = train.run.getByText(/26 images to learn from, 7 to test with/);
  await expect(counts).toContainText('3 copies of other images were left out.');
  await expect(counts).toContainText('3 images are in two classes each');
  await expect(counts).toContainText('one of them is 14 %');
  await train.run.getByText('What it takes the test images for').click();
  const cells = train.run.locator('.confusion tbody td');
  await expect(cells).toHaveCount(4);
  const numbers = (await cells.allTextContents()).map(Number);
  expect(numbers.reduce((a, b) => a + b)).toBe(7);
  const mistakes = numbers[1]! + numbers[2]!;
  await expect(train.run.locator('.mistakes li')).toHaveCount(mistakes);
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('a project goes into a file and back, and the command line trains on it', async ({ page }, info) => {
  test.setTimeout(240_000);
  const train = await prepared(page, { epochs: 7, count: 4 });
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const file = info.outputPath('project.zip');
  await (await saved).saveAs(file);
  await page.getByRole('button', { name: 'Clear everything' }).click();
  await train.choose('Open a project', file);
  await expect(train.shotsOf('standing')).toHaveCount(4);
  await expect(page.getByLabel('Name of class 1')).toHaveValue('lying');
  await expect(page.getByLabel('Epochs')).toHaveValue('7');

  for (const [buffer, message] of [
    [Buffer.from('no archive'), /“project.zip” is not a project, or it is damaged .* Nothing has changed/],
    [EMPTY_ZIP, /“project.zip” is not a project that this page can open: project.json is missing/],
  ] as const) {
    await train.choose('Open a project', { name: 'project.zip', mimeType: 'application/zip', buffer });
    await expect(page.getByRole('alert')).toHaveText(message);
  }
  await expect(train.shotsOf('standing')).toHaveCount(4);

  const out = info.outputPath('run');
  const cli = ['dist/cjs/cli/main.js', 'train', '--data', file, '--size', '28', '--epochs', '1', '--out', out];
  const { stdout } = await run(process.execPath, cli, { cwd: ROOT });
  expect(stdout).toContain('project.zip: 6 training and 2 test images of 28×28');
});

/** The same project with other facts of its imported network. */
function withFacts(project: Buffer, change: Record<string, unknown>): Buffer {
  const files = unzipSync(project);
  const manifest = JSON.parse(strFromU8(files['project.json']!)) as { imported: { facts: object } };
  Object.assign(manifest.imported.facts, change);
  return Buffer.from(zipSync({ ...files, 'project.json': strToU8(JSON.stringify(manifest)) }));
}

test('facts of an imported network in a project are checked, and a good file is as it was', async ({ page }, info) => {
  const train = await prepared(page, { epochs: 1, count: 4 });
  await train.start();
  await train.finish();
  await train.choose(/^Import a network/, await train.exportTo(info.outputPath('model')));
  await expect(page.getByRole('radio', { name: /Imported network/ })).toBeChecked();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const file = info.outputPath('project.zip');
  await (await saved).saveAs(file);
  await page.getByRole('button', { name: 'Clear everything' }).click();
  const project = fs.readFileSync(file);
  for (const [change, message] of [
    [{ params: 'many' }, 'params of its network must be a whole number from 0, received "many". Nothing has changed.'],
    [{ classNames: ['lying'] }, 'classNames of its network must be a list of two names or more, received ["lying"]'],
    [{ preprocessing: 5 }, 'preprocessing.height of its network must be a whole number from 1, received nothing'],
    [
      { inputShape: [28, 28, 3] },
      'inputShape of its network must be the size of its preprocessing, [28,28,1], received',
    ],
  ] as const) {
    const buffer = withFacts(project, change);
    await train.choose('Open a project', { name: 'project.zip', mimeType: 'application/zip', buffer });
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(message);
    await expect(alert).toContainText('“project.zip” is not a project that this page can open: project.json: ');
    await expect(page.getByRole('radio', { name: /Imported network/ })).toHaveCount(0);
  }
  const buffer = withFacts(project, {});
  await train.choose('Open a project', { name: 'project.zip', mimeType: 'application/zip', buffer });
  await expect(page.getByRole('radio', { name: /Imported network Sorts images of 28 × 28 × 1/ })).toBeChecked();
});

/** The end of an archive without members. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);

test('the focus stays at the buttons of a run; settings that change during a pause are said to wait', async ({
  page,
}) => {
  const train = await prepared(page, { epochs: 200 });
  await page.getByRole('button', { name: 'Start training' }).focus();
  await page.keyboard.press('Enter');
  await train.epochsDone(1);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Resume', exact: true })).toBeFocused();
  const note = train.run.getByText('The settings have changed since this run began.');
  await expect(note).toHaveCount(0);
  await page.getByLabel('Learning rate').fill('0.5');
  await expect(note).toBeVisible();
});
