/** The runner of the browser project selects tests as jest does in Node: by `-t`, `.only` and `.skip`. */
import path from 'node:path';
import type { AssertionResult, Test } from '@jest/test-result';
import BrowserRunner from '../browser/runner.js';
import { findChromium } from '../browser/session.js';

const ROOT = path.resolve(__dirname, '../..');

/** Returns names and statuses of the tests in a fixture. */
async function run(fixture: string, testNamePattern?: string): Promise<string[]> {
  const file = { path: path.join(ROOT, 'test/browser/fixtures', fixture), context: { config: { rootDir: ROOT } } };
  const results: AssertionResult[] = [];
  const runner = new BrowserRunner({ rootDir: ROOT, testNamePattern, noStackTrace: false });
  await runner.runTests(
    [file as unknown as Test],
    { isInterrupted: () => false },
    () => Promise.resolve(),
    (_, { testResults }) => Promise.resolve(void results.push(...testResults)),
    (_, error) => Promise.reject(new Error(error.message)),
  );
  return results.map(({ fullName, status }) => `${fullName}: ${status}`);
}

const absent = findChromium() === undefined;
const suite = absent ? describe.skip : describe;

suite(`the browser project${absent ? ' [webgl: skipped, Chromium was not found ($CHROMIUM, $PATH)]' : ''}`, () => {
  test('runs every test without a pattern', async () => {
    expect(await run('chosen_by_name.ts')).toEqual([
      'outer first: passed',
      'outer row one: failed',
      'outer row two: passed',
      'outer inner Second: passed',
      'outer inner third: pending',
      'beside fourth: passed',
    ]);
  });

  test('runs the tests whose full names match -t, whatever the case of their letters', async () => {
    expect(await run('chosen_by_name.ts', 'inner second|two$')).toEqual([
      'outer first: pending',
      'outer row one: pending',
      'outer row two: passed',
      'outer inner Second: passed',
      'outer inner third: pending',
      'beside fourth: pending',
    ]);
  });

  test('runs the tests of .only, and no hook of any other', async () => {
    expect(await run('chosen_by_only.ts')).toEqual([
      'plain: pending',
      'alone: passed',
      'suite inside: pending',
      'suite of them every one: passed',
      'suite of them skipped: pending',
      'suite of them further inside row 1: passed',
      'suite of them further inside row 2: passed',
      'suite with one of them this one: passed',
      'suite with one of them not this one: pending',
    ]);
  });
});
