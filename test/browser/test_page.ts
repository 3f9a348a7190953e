/** Pages of the browser that run test files, each with what it declared. */
import fs from 'node:fs';
import type { AssertionResult } from '@jest/test-result';
import type { Browser, Page } from 'playwright-core';
import type { Bundle } from './bundle.js';
import type { PageResult } from './page.js';
import { openPage } from './session.js';

/** A page that is silent for so long hangs. Milliseconds. */
const PATIENCE = 300_000;

class TestPage {
  private receive: (result: PageResult) => void = () => undefined;

  private constructor(private readonly page: Page) {}

  static async open(browser: Browser, modules: Bundle): Promise<TestPage> {
    const opened = new TestPage(await openPage(browser, modules));
    await opened.page.exposeFunction('report', (result: PageResult) => {
      opened.receive(result);
    });
    await opened.page.exposeFunction('keepFigures', (line: string) => {
      fs.appendFileSync(process.env['PROPERTY_FIGURES']!, line);
    });
    return opened;
  }

  /**
   * Runs the tests of one file.
   *
   * @param modules addresses of the harness (page.ts) and of the file
   * @param pattern regular expression that full names must match, as `jest -t` takes it
   * @throws Error if the page crashes or hangs; it must then be closed
   */
  async run(
    modules: readonly [harness: string, tests: string],
    pattern: string | undefined,
    toResult: (result: PageResult) => AssertionResult,
  ): Promise<AssertionResult[]> {
    const results: AssertionResult[] = [];
    let timer: NodeJS.Timeout | undefined;
    let crash: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const wait = (): void => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            const last = results.at(-1)?.fullName ?? 'the start';
            reject(new Error(`The page said nothing for ${PATIENCE / 1000} seconds after ${last}`));
          }, PATIENCE);
        };
        wait();
        crash = () => {
          reject(new Error('The page crashed'));
        };
        this.page.on('crash', crash);
        this.receive = (result) => {
          wait();
          results.push(toResult(result));
        };
        this.page
          .evaluate(
            async ([harness, tests, names]) => {
              const { repeatRandom, runTests } = (await import(harness)) as typeof import('./page.js');
              repeatRandom();
              await import(tests);
              await runTests((globalThis as unknown as { report: Parameters<typeof runTests>[0] }).report, names);
            },
            [...modules, pattern] as const,
          )
          .then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      if (crash !== undefined) this.page.off('crash', crash);
    }
    return results;
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/** Runs test files in pages of their own, or one after the other in a page that they share. */
export class TestPages {
  private page: TestPage | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly modules: Bundle,
  ) {}

  /** Runs the tests of one file: see {@link TestPage.run}. */
  async run(isShared: boolean, ...file: Parameters<TestPage['run']>): Promise<AssertionResult[]> {
    if (!isShared) await this.close();
    this.page ??= await TestPage.open(this.browser, this.modules);
    let isReusable = false;
    try {
      const results = await this.page.run(...file);
      isReusable = isShared;
      return results;
    } finally {
      if (!isReusable) await this.close();
    }
  }

  private async close(): Promise<void> {
    await this.page?.close();
    this.page = undefined;
  }
}
