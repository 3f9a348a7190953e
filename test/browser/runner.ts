/**
 * Runs test files in headless Chromium and reports every test to jest under its own name, so that counts, failures and
 * `--json` look as they do for tests in Node. One browser serves all files, each in a page of its own, but for those of the
 * operators and layers: much of their time would go into shaders that the ones before have compiled. Where there is no such browser,
 * every file has one skipped test that says why.
 */
import path from 'node:path';
import { createEmptyTestResult, type AssertionResult, type Test, type TestResult } from '@jest/test-result';
import { formatResultsErrors } from 'jest-message-util';
import { bundle, modulePath } from './bundle.js';
import type { PageResult } from './page.js';
import { openBrowser, ORIGIN } from './session.js';
import { SourceMaps } from './stack.js';
import { TestPages } from './test_page.js';

/** Folders whose files share a page. */
const SHARING = ['test/layers', 'test/ops'];

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
      const harness = path.join(root, 'test/browser/page.ts');
      const modules = browser && (await bundle(root, [harness, ...tests.map((test) => test.path)]));
      const pages = browser && modules && new TestPages(browser, modules);
      const maps = new SourceMaps(root, ORIGIN, modules ?? new Map());
      const translated = ({ failure, ...result }: PageResult): AssertionResult =>
        toResult({ ...result, ...(failure !== undefined && { failure: maps.translate(failure) }) });
      for (const test of sharedFirst(root, tests)) {
        if (watcher.isInterrupted()) return;
        await onStart(test);
        try {
          const start = Date.now();
          const addresses = [modulePath(root, harness), modulePath(root, test.path)] as const;
          const results = pages
            ? await pages.run(sharesPage(root, test), addresses, this.config.testNamePattern, translated)
            : [skipped('absent' in opened ? opened.absent : '')];
          await onResult(test, this.collect(test, start, results));
        } catch (error) {
          const { message, stack = message } = toError(error);
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

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function sharesPage(root: string, { path: file }: Test): boolean {
  return SHARING.includes(path.relative(root, path.dirname(file)));
}

/** The files that share a page before those that have one each, in the same order in every run. */
function sharedFirst(root: string, tests: readonly Test[]): Test[] {
  const shared = tests.filter((test) => sharesPage(root, test));
  shared.sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...shared, ...tests.filter((test) => !shared.includes(test))];
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
