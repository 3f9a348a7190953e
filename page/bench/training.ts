/**
 * How fast does the page train, and does it stay free for the person before it? Its small network on its
 * digits, on every backend of this machine's Chromium: images per second as the page says them, and the longest task of the
 * main thread meanwhile (a page feels stuck from 100 ms on). Half a minute each; wasm is the side to compare with.
 *
 *   npm run -w page bench:training
 */
import type { Browser } from 'playwright-core';
import { formatTable } from '../../src/analysis/report.js';
import { TrainPage } from '../test/support/train_page.js';
import { withPage } from './with_page.js';

const SECONDS = 30;

/** Notes every task of more than 50 ms. Text, so that it runs as it stands. */
const WATCH = `
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: 'longtask' });`;

interface Speed {
  readonly imagesPerSecond: number;
  /** Milliseconds; 0 if no task took 50. */
  readonly longest: number;
}

async function train(browser: Browser, url: string, backend: string): Promise<Speed> {
  const page = await browser.newPage({ baseURL: url });
  try {
    const part = new TrainPage(page);
    await part.open();
    await page.getByRole('radio', { name: 'Small network Four' }).check();
    await page.getByLabel('Epochs').fill('100');
    await part.chooseBackend(backend);
    await part.start();
    const speed = part.run.getByText(/^[\d,.]+ images\/s$/);
    await speed.waitFor({ timeout: 120_000 });
    await page.evaluate(WATCH);
    await page.waitForTimeout(SECONDS * 1000);
    const text = (await speed.textContent())!;
    const longest = await page.evaluate('longest');
    return { imagesPerSecond: Number(/[\d,.]+/.exec(text)![0].replace(/,/g, '')), longest: Number(longest) };
  } finally {
    await page.close();
  }
}

async function main(): Promise<void> {
  await withPage(async (browser, url) => {
    const rows: string[][] = [];
    let first: number | undefined;
    for (const backend of ['wasm', 'cpu', 'webgl', 'webgpu']) {
      const { imagesPerSecond, longest } = await train(browser, url, backend);
      first ??= imagesPerSecond;
      const task = longest === 0 ? 'under 50' : longest.toFixed(0);
      rows.push([backend, String(imagesPerSecond), (imagesPerSecond / first).toFixed(2), task]);
    }
    console.log(
      formatTable(
        [
          { title: 'backend', align: 'left' },
          { title: 'images/s', align: 'right' },
          { title: 'of wasm', align: 'right' },
          { title: 'longest task, ms', align: 'right' },
        ],
        rows,
      ),
    );
  });
}

void main();
