/** Train keeps what a person has made: beside other parts of the page, after a reload, in two tabs, and in a file. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { JSHandle, Page } from '@playwright/test';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { accessibilityFaults } from './support/accessibility.js';
import { stripes } from './support/stripes.js';
import { expect, test } from './support/test.js';
import { TrainPage } from './support/train_page.js';

const ROOT = path.resolve(__dirname, '../..');
const run = promisify(execFile);

declare global {
  /** Times that the worker waited for at most, in milliseconds. */
  var waits: number[];
}

/** Prepares a run of seconds, or one that is long enough to be interrupted. */
async function prepared(page: Page, options: { epochs?: number; count?: number } = {}): Promise<TrainPage> {
  const train = new TrainPage(page);
  await train.open();
  await train.prepareStripes(options);
  await train.chooseBackend('wasm');
  return train;
}

/** Waits until a change has been stored. */
async function kept(page: Page): Promise<void> {
  await page.waitForTimeout(800);
}

/** Keeps the storage of runs busy until the returned function is called. */
async function busyStorage(page: Page): Promise<JSHandle<() => void>> {
  return page.evaluateHandle(
    () =>
      new Promise<() => void>((resolve, reject) => {
        const opening = indexedDB.open('tfjs-convolutions-runs');
        opening.onerror = () => {
          reject(new Error('not opened'));
        };
        opening.onsuccess = () => {
          const runs = opening.result.transaction('runs', 'readwrite').objectStore('runs');
          let isBusy = true;
          const again = (): void => {
            if (isBusy) runs.count().onsuccess = again;
            else opening.result.close();
          };
          again();
          resolve(() => {
            isBusy = false;
          });
        };
      }),
  );
}

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

test('several runs are kept side by side; one that is open in a tab is left alone by another', async ({
  page,
  context,
}) => {
  const train = await prepared(page, { epochs: 2, count: 6 });
  await train.start();
  await train.finish();
  await page.getByLabel('Epochs').fill('3');
  await train.start();
  await expect(page.getByText('3 of 3', { exact: true })).toBeVisible();
  await train.finish();
  const saved = page.getByRole('region', { name: 'Saved runs' });
  await expect(saved.getByRole('listitem')).toHaveText([/A trained network is saved here: .*, 2 of 2 epochs/]);

  const other = new TrainPage(await context.newPage());
  await other.open();
  const list = other.page.getByRole('region', { name: 'Saved runs' }).getByRole('listitem');
  await expect(list).toHaveText([/This run is open in another tab: .*, 3 of 3 epochs/, /saved here: .* 2 of 2 epochs/]);
  await expect(list.first().getByRole('button', { name: 'Open it' })).toBeDisabled();
  await expect(list.first().getByRole('button', { name: 'Delete it' })).toBeDisabled();
  await expect(other.page.getByText(/does not keep images and settings .* open in another tab/)).toBeVisible();
  expect(await accessibilityFaults(other.page)).toEqual([]);
  await list.last().getByRole('button', { name: 'Open it' }).click();
  await other.finish();
  await other.page.close();

  await saved.getByRole('button', { name: 'Delete it' }).click();
  await expect(saved).toHaveCount(0);
  await page.reload();
  await expect(saved.getByRole('listitem')).toHaveText([/3 of 3 epochs/]);
});

test('a saved run is listed until the browser has deleted it', async ({ page }) => {
  const train = await prepared(page, { epochs: 1, count: 5 });
  await train.start();
  await train.finish();
  await page.reload();
  const saved = page.getByRole('region', { name: 'Saved runs' });
  const deletes = saved.getByRole('button', { name: 'Delete it' });
  await expect(deletes).toBeEnabled();

  const works = await page.evaluateHandle(() => {
    const { prototype } = IDBObjectStore;
    const original = Object.getOwnPropertyDescriptor(prototype, 'delete')!;
    Object.defineProperty(prototype, 'delete', {
      ...original,
      value: () => {
        throw new Error('the disk is broken');
      },
    });
    return () => {
      Object.defineProperty(prototype, 'delete', original);
    };
  });
  await deletes.click();
  await expect(saved.getByRole('alert')).toHaveText(/This run is not deleted: the disk is broken/);
  await works.evaluate((again) => {
    again();
  });

  const storage = await busyStorage(page);
  await deletes.click();
  await expect(saved.getByRole('listitem')).toHaveText([/This run is being deleted: .* 1 of 1 epoch/]);
  await expect(saved.getByRole('button')).toHaveCount(0);
  await storage.evaluate((free) => {
    free();
  });
  await expect(saved).toHaveCount(0);
  await page.reload();
  await train.ready();
  await expect(saved).toHaveCount(0);
});

test('a run that another tab has opened meanwhile is not deleted', async ({ page, context }) => {
  const train = await prepared(page, { epochs: 1, count: 5 });
  await train.start();
  await train.finish();
  await page.reload();
  const saved = page.getByRole('region', { name: 'Saved runs' });
  await expect(saved.getByRole('button', { name: 'Delete it' })).toBeEnabled();
  const other = new TrainPage(await context.newPage());
  await other.open();
  await other.page.getByRole('button', { name: 'Open it' }).click();
  await other.finish();
  await saved.getByRole('button', { name: 'Delete it' }).click();
  await expect(saved.getByRole('listitem')).toHaveText([/This run is open in another tab: .* 1 of 1 epoch/]);
  await other.page.reload();
  await expect(other.page.getByRole('button', { name: 'Open it' })).toBeEnabled();
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

test('a browser whose storage does not answer trains all the same', async ({ page }) => {
  const silence = (): void => {
    Object.defineProperty(IDBFactory.prototype, 'open', { value: () => new EventTarget() });
  };
  await page.addInitScript(silence);
  const train = new TrainPage(page);
  await train.open();
  await train.worker().evaluate(silence);
  await train.worker().evaluate(() => {
    const original = setTimeout;
    globalThis.waits = [];
    globalThis.setTimeout = ((handler: () => void, wait?: number) => {
      waits.push(wait ?? 0);
      return original(handler, wait);
    }) as typeof setTimeout;
  });
  await expect(page.getByText('does not keep images and settings for the next visit: the storage')).toBeVisible();
  await train.prepareStripes();
  await train.chooseBackend('wasm');
  await train.start();
  expect(await train.finish()).toBeGreaterThan(0.9);
  // The first state is waited for, for ten seconds; those of the four epochs are not.
  expect((await train.worker().evaluate(() => waits)).filter((wait) => wait === 10_000)).toHaveLength(1);
  await expect(
    train.run.getByText(/cannot be saved in the browser \(the storage of the browser does not/),
  ).toBeVisible();
  const asked = page.waitForEvent('dialog');
  const leaving = page.close({ runBeforeUnload: true });
  expect((await asked).type()).toBe('beforeunload');
  await (await asked).accept();
  await leaving;
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
