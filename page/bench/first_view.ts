/**
 * How soon does the page answer? Chromium with the network of a phone (Chrome's own profiles of 4G), on
 * this processor and on one four times slower: when the first view is painted, when its controls are there and the main thread is
 * free for them, and the longest task of the main thread. No cache; the best and the worst of five.
 *
 *   npm run -w page bench:first-view
 */
import type { Browser } from 'playwright-core';
import { formatTable } from '../../src/analysis/report.js';
import { withPage } from './with_page.js';

const ROUNDS = 5;

/** Bytes a second and milliseconds, as Chrome's developer tools and Lighthouse define them. */
const PROFILES = {
  'Fast 4G': { downloadThroughput: (9e6 / 8) * 0.9, uploadThroughput: (1.5e6 / 8) * 0.9, latency: 165 },
  'Slow 4G': { downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8, latency: 150 },
} as const;

/** How many times slower than this machine's the processor is. */
const SLOWDOWNS = [1, 4] as const;

type Profile = keyof typeof PROFILES;

/** Milliseconds after the navigation started. */
interface Loading {
  readonly painted: number;
  readonly interactive: number;
  /** Milliseconds of the longest task. */
  readonly longest: number;
}

/** Notes when the part's first control is there, and every task of more than 50 ms. Text, so that it runs as it stands. */
const WATCH = `
  globalThis.seen = { controls: 0, tasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.tasks.push({ start: startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  requestAnimationFrame(function check() {
    if (document.querySelector('main button, main select, main input')) seen.controls = performance.now();
    else requestAnimationFrame(check);
  });`;

async function load(browser: Browser, url: string, profile: Profile, rate: number): Promise<Loading> {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', { offline: false, ...PROFILES[profile] });
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    await page.addInitScript({ content: WATCH });
    await page.goto(url);
    await page.waitForFunction(() => (globalThis as unknown as { seen: { controls: number } }).seen.controls > 0);
    // The main thread counts as free when no long task began within this time after the last one.
    await page.waitForTimeout(5000);
    return await page.evaluate(() => {
      const { seen } = globalThis as unknown as {
        seen: { controls: number; tasks: { start: number; duration: number }[] };
      };
      return {
        painted: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
        interactive: Math.max(seen.controls, ...seen.tasks.map(({ start, duration }) => start + duration)),
        longest: Math.max(0, ...seen.tasks.map(({ duration }) => duration)),
      };
    });
  } finally {
    await context.close();
  }
}

async function main(): Promise<void> {
  await withPage(async (browser, url) => {
    const rows: string[][] = [];
    const cases = (Object.keys(PROFILES) as Profile[]).flatMap((profile) =>
      SLOWDOWNS.map((rate) => [profile, rate] as const),
    );
    for (const [profile, rate] of cases) {
      const rounds: Loading[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await load(browser, url, profile, rate));
      const range = (field: keyof Loading): string => {
        const values = rounds.map((loading) => loading[field]);
        return `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
      };
      rows.push([
        profile,
        rate === 1 ? '' : `${rate} times slower`,
        range('painted'),
        range('interactive'),
        range('longest'),
      ]);
    }
    console.log(
      formatTable(
        [
          { title: 'network', align: 'left' },
          { title: 'processor', align: 'left' },
          { title: 'first paint, ms', align: 'right' },
          { title: 'interactive, ms', align: 'right' },
          { title: 'longest task, ms', align: 'right' },
        ],
        rows,
      ),
    );
  });
}

void main();
