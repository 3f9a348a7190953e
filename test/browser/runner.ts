/**
 * Runs test files in headless Chromium and reports every test to jest under its own name, so that counts, failures and
 * `--json` look as they do for tests in Node. One browser serves all files, each in a page of its own. Where there is no
 * such browser, every file has one skipped test that says why.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createEmptyTestResult, type AssertionResult, type Test, type TestResult } from '@jest/test-result';
import { formatResultsErrors } from 'jest-message-util';
import type { Browser } from 'playwright-core';
import { bundle, modulePath, type Bundle } from './bundle.js';
import type { PageResult } from './page.js';
import { openBrowser, openPage, ORIGIN } from './session.js';
import { SourceMaps } from './stack.js';

/** A page that is silent for so long hangs. Milliseconds. */
const PATIENCE = 300_000;

type GlobalConfig = {
  readonly rootDir: string;
  /** Of `-t`. */
  readonly testNamePattern?: string | undefined;
} & Parameters<typeof formatResultsErrors>[2];

interface Interrupted {
  isInterrupted(): boolean;
}

export default class BrowserRunner {
  /** Jest asks: one file after the other, and results through callbacks. */
  readonly isSerial = true;
  readonly supportsEventEmitters = false;

  constructor(private readonly config: GlobalConfig) {}

  async runTests(
    tests: readonly Test[],
    watcher: Interrupted,
    onStart: (test: Test) => Promise<void>,
    onResult: (test: Test, result: TestResult) => Promise<void>,
    onFailure: (test: Test, error: { message: string; stack: string }) => Promise<void>,
  ): Promise<void> {
    const opened = await openBrowser();
    const root = this.config.rootDir;
    const browser = 'browser' in opened ? opened.browser : undefined;
    try {
      const page = path.join(root, 'test/browser/page.ts');
      const modules = browser && (await bundle(root, [page, ...tests.map((test) => test.path)]));
      const maps = new SourceMaps(root, ORIGIN, modules ?? new Map());
      for (const test of tests) {
        if (watcher.isInterrupted()) return;
        await onStart(test);
        try {
          const start = Date.now();
          const results =
            browser === undefined || modules === undefined
              ? [skipped('absent' in opened ? opened.absent : '')]
              : await runFile(browser, modules, maps, this.config, test.path);
          await onResult(test, this.collect(test, start, results));
        } catch (error) {
          const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
          await onFailure(test, { message, stack });
        }
      }
    } finally {
      await browser?.close();
    }
  }

  private collect({ path: testFilePath, context }: Test, start: number, results: AssertionResult[]): TestResult {
    const count = (status: AssertionResult['status']): number =>
      results.filter((result) => result.status === status).length;
    const end = Date.now();
    return {
      ...createEmptyTestResult(),
      testFilePath,
      ...(context.config.displayName && { displayName: context.config.displayName }),
      failureMessage: formatResultsErrors(results, context.config, this.config, testFilePath),
      numFailingTests: count('failed'),
      numPassingTests: count('passed'),
      numPendingTests: count('pending'),
      perfStats: {
        start,
        end,
        runtime: end - start,
        slow: false,
        loadTestEnvironmentStart: 0,
        loadTestEnvironmentEnd: 0,
        setupAfterEnvStart: 0,
        setupAfterEnvEnd: 0,
        setupFilesStart: 0,
        setupFilesEnd: 0,
      },
      testResults: results,
    };
  }
}

/** What stands in a file's place where there is no browser. */
function skipped(reason: string): AssertionResult {
  return toResult({
    ancestorTitles: [`[webgl: skipped, ${reason}]`],
    title: 'every test of the file',
    status: 'pending',
    duration: 0,
  });
}

/** The results of all tests of one file. */
async function runFile(
  browser: Browser,
  modules: Bundle,
  maps: SourceMaps,
  { rootDir: root, testNamePattern }: GlobalConfig,
  file: string,
): Promise<AssertionResult[]> {
  const page = await openPage(browser, modules);
  const results: AssertionResult[] = [];
  let timer: NodeJS.Timeout | undefined;
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
      page.on('crash', () => {
        reject(new Error('The page crashed'));
      });
      const report = (result: PageResult): void => {
        wait();
        const failure = result.failure && maps.translate(result.failure);
        results.push(toResult({ ...result, ...(failure !== undefined && { failure }) }));
      };
      const run = async (): Promise<void> => {
        await page.exposeFunction('report', report);
        await page.exposeFunction('keepFigures', (line: string) => {
          fs.appendFileSync(process.env['PROPERTY_FIGURES']!, line);
        });
        await page.evaluate(
          async ([harness, tests, pattern]) => {
            const { runTests } = (await import(harness)) as typeof import('./page.js');
            await import(tests);
            await runTests((globalThis as unknown as { report: Parameters<typeof runTests>[0] }).report, pattern);
          },
          [modulePath(root, path.join(root, 'test/browser/page.ts')), modulePath(root, file), testNamePattern] as const,
        );
      };
      run().then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    await page.close();
  }
  return results;
}

function toResult({ ancestorTitles, title, status, duration, failure }: PageResult): AssertionResult {
  return {
    ancestorTitles,
    title,
    fullName: [...ancestorTitles, title].join(' '),
    status,
    duration,
    failureMessages: failure === undefined ? [] : [failure],
    failureDetails: [],
    numPassingAsserts: 0,
  };
}
