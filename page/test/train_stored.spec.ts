/** Train stores what it says it has stored, in one tab or in several, though storage may be slow, broken or silent. */
import type { JSHandle, Page } from '@playwright/test';
import { accessibilityFaults } from './support/accessibility.js';
import { expect, test } from './support/test.js';
import { isKept, kept, prepared, TrainPage } from './support/train_page.js';

declare global {
  /** Times that the worker waited for at most, in milliseconds. */
  var waits: number[];
}

/** Keeps a storage busy until the returned function is called. */
async function busyStorage(page: Page, name: 'runs' | 'form'): Promise<JSHandle<() => void>> {
  return page.evaluateHandle(
    (store) =>
      new Promise<() => void>((resolve, reject) => {
        const opening = indexedDB.open(`tfjs-convolutions-${store}`);
        opening.onerror = () => {
          reject(new Error('not opened'));
        };
        opening.onsuccess = () => {
          const stored = opening.result.transaction(store, 'readwrite').objectStore(store);
          let isBusy = true;
          const again = (): void => {
            if (isBusy) stored.count().onsuccess = again;
            else opening.result.close();
          };
          again();
          resolve(() => {
            isBusy = false;
          });
        };
      }),
    name,
  );
}

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

  const storage = await busyStorage(page, 'runs');
  await deletes.click();
  await expect(saved.getByRole('listitem')).toHaveText([/This run is being deleted: .* 1 of 1 epoch/]);
  await expect(saved.getByRole('button')).toHaveCount(0);
  await storage.evaluate((free) => {
    free();
  });
  await expect(saved).toHaveCount(0);
  await expect(page.getByRole('radio', { name: /Your own images/ })).toBeFocused();
  await page.reload();
  await train.ready();
  await expect(saved).toHaveCount(0);
});

test('the browser asks before it leaves while images are being stored, and not afterwards', async ({ page }) => {
  const train = await prepared(page, { epochs: 1, count: 3 });
  await kept(page);
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked++;
    void dialog.accept();
  });
  await page.reload();
  await train.ready();
  expect(asked).toBe(0);
  const storage = await busyStorage(page, 'form');
  await page.getByRole('button', { name: 'Remove lying 0.png' }).click();
  await expect.poll(() => isKept(page)).toBe(false);
  await page.reload();
  expect(asked).toBe(1);
  await storage.dispose();
  await train.ready();
  await expect(train.shotsOf('standing')).toHaveCount(3);
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
