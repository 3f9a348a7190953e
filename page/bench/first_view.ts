/**
 * Time until the page answers: Chromium with the network of a phone (Chrome's own profiles of 4G), on this processor and on one
 * four times slower. First paint; first moment at which a control is there and the main thread is free for it; and the longest
 * task afterwards, while TensorFlow.js loads and the opening picture plays, which is the longest that a click waits. No cache;
 * the best and the worst of five. Prints first the bytes that the first view needs.
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

/** Longest time until the controls are there, in milliseconds. */
const LONGEST_LOAD = 60_000;
/** Milliseconds for which the page is watched after that: long enough for TensorFlow.js to arrive and for the first numbers. */
const WATCHED = 8000;

interface Loading {
  /** Milliseconds from the start of the navigation to the first paint. */
  readonly painted: number;
  /** Milliseconds from the start of the navigation to the first control that answers. */
  readonly interactive: number;
  /** Milliseconds of the longest task after that. */
  readonly longest: number;
  /** Compressed bytes of the files that were there by then. */
  readonly bytes: number;
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
    // Not its `load` event, which says nothing about the controls.
    await page.goto(url, { waitUntil: 'commit', timeout: LONGEST_LOAD });
    const hasControls = () => (globalThis as unknown as { seen: { controls: number } }).seen.controls > 0;
    await page.waitForFunction(hasControls, undefined, { timeout: LONGEST_LOAD });
    await page.waitForTimeout(WATCHED);
    return await page.evaluate(() => {
      const { seen } = globalThis as unknown as {
        seen: { controls: number; tasks: { start: number; duration: number }[] };
      };
      const running = seen.tasks.find(
        ({ start, duration }) => start <= seen.controls && seen.controls < start + duration,
      );
      const interactive = running === undefined ? seen.controls : running.start + running.duration;
      const later = seen.tasks.filter(({ start }) => start >= interactive);
      const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
      return {
        painted: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
        interactive,
        longest: Math.max(0, ...later.map(({ duration }) => duration)),
        bytes: (files as PerformanceResourceTiming[])
          .filter(({ responseEnd }) => responseEnd <= seen.controls)
          .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      };
    });
  } finally {
    await context.close();
  }
}

async function main(): Promise<void> {
  await withPage(async (browser, url) => {
    const rows: string[][] = [];
    const bytes = new Set<number>();
    const cases = (Object.keys(PROFILES) as Profile[]).flatMap((profile) =>
      SLOWDOWNS.map((rate) => [profile, rate] as const),
    );
    for (const [profile, rate] of cases) {
      const rounds: Loading[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await load(browser, url, profile, rate));
      for (const loading of rounds) bytes.add(loading.bytes);
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
    console.log(`First view: ${[...bytes].map((count) => `${(count / 1e3).toFixed(1)} kB`).join(', ')} (gzipped)\n`);
    console.log(
      formatTable(
        [
          { title: 'network', align: 'left' },
          { title: 'processor', align: 'left' },
          { title: 'first paint, ms', align: 'right' },
          { title: 'controls answer, ms', align: 'right' },
          { title: 'longest task after, ms', align: 'right' },
        ],
        rows,
      ),
    );
  });
}

void main();
