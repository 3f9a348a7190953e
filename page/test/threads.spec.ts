/** Threads of wasm: in a page that its server isolates, on hosts that send no headers, and where nothing helps. */
import fs from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { servePage, type ServedPage } from './support/serve_page.js';
import { expect, test as base } from './support/test.js';
import { TrainPage } from './support/train_page.js';

const HEADERS_MISSING =
  'WebAssembly on one thread: this server does not send the headers that more need (COOP and COEP)';

interface Hosts {
  /** A static host that sends no headers, with the page in a folder. */
  readonly staticHost: ServedPage;
  /** Another one, which lacks the service worker. */
  readonly withoutWorker: ServedPage;
}

const test = base.extend<Hosts>({
  staticHost: async ({ watch }, use) => {
    const host = await servePage('/folder/');
    watch.expectErrors.push(new RegExp(`asked ${host.url}`));
    await use(host);
    await host.close();
  },
  withoutWorker: async ({ watch }, use) => {
    const host = await servePage('/', ['isolation_worker.js']);
    watch.expectErrors.push(new RegExp(`asked ${host.url}`), /404/);
    await use(host);
    await host.close();
  },
});

/** Number of threads that an isolated page has; a machine with one core has nothing to show. */
async function coresOf(page: Page): Promise<number> {
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  test.skip(cores === 1, 'this machine has one core');
  return cores;
}

function describesWasm(page: Pick<Page, 'locator'>): Locator {
  return page.locator('label').filter({ hasText: 'WebAssembly (wasm)' });
}

/** Trains the small network on wasm; returns its weights. */
async function trainedWeights(train: TrainPage, folder: string): Promise<Buffer> {
  await train.prepareStripes();
  await train.chooseBackend('wasm');
  await train.start();
  await train.finish();
  await train.exportTo(folder);
  return fs.readFileSync(path.join(folder, 'weights.bin'));
}

test('an isolated page trains on all cores, with the weights of one thread', async ({ page, withoutWorker }, info) => {
  const cores = await coresOf(page);
  const train = new TrainPage(page);
  await train.open();
  await expect(describesWasm(page)).toContainText(`WebAssembly on ${cores} threads.`);
  const many = await trainedWeights(train, info.outputPath('many'));
  expect(train.threads().length).toBe(cores - 1);

  await page.goto(`${withoutWorker.url}#train`);
  await train.ready();
  await expect(describesWasm(page)).toContainText(`${HEADERS_MISSING}, and the page could not add them itself.`);
  const one = await trainedWeights(train, info.outputPath('one'));
  expect(train.threads().length).toBe(0);
  expect(one.equals(many)).toBe(true);
});

test('without headers of the server, the page isolates itself when it is loaded again', async ({
  page,
  staticHost,
}, info) => {
  const cores = await coresOf(page);
  const train = new TrainPage(page);
  await page.goto(`${staticHost.url}#train`);
  await train.ready();
  await expect(describesWasm(page)).toContainText(`${HEADERS_MISSING}; reload the page, which now adds them itself.`);
  await page.reload();
  await train.ready();
  await expect(describesWasm(page)).toContainText(`WebAssembly on ${cores} threads.`);
  await trainedWeights(train, info.outputPath('model'));
  expect(train.threads().length).toBe(cores - 1);
});

test('the service worker stores nothing', async ({ page, staticHost }) => {
  await page.goto(staticHost.url);
  await page.evaluate(async () => navigator.serviceWorker.ready);
  const response = await page.reload();
  expect(response?.fromServiceWorker()).toBe(true);
  expect(await page.evaluate(async () => [crossOriginIsolated, await caches.keys()])).toEqual([true, []]);
});

test('a page within another one says that it has one thread', async ({ page }) => {
  await coresOf(page);
  const body = '<iframe src="/#train" width="800" height="600"></iframe>';
  await page.route('/outer.html', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto('/outer.html');
  await expect(describesWasm(page.frameLocator('iframe'))).toContainText(
    'WebAssembly on one thread: a page within another one gets no more.',
  );
});

test('where shared memory is refused, the page trains on one thread', async ({ page }, info) => {
  const train = new TrainPage(page);
  await train.open();
  await train.worker().evaluate(() => {
    const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (...args: unknown[]) => Promise<unknown>;
    // TensorFlow.js tries twice: while the binary loads, and once it is there.
    let refusals = 2;
    Object.assign(WebAssembly, {
      instantiate: (...args: unknown[]) =>
        refusals-- > 0 ? Promise.reject(new RangeError('Out of memory')) : instantiate(...args),
    });
  });
  await trainedWeights(train, info.outputPath('model'));
  expect(train.threads().length).toBe(0);
});
