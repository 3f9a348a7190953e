/**
 * The golden cases over all backends: the package's own always, and those that other projects published where they lie
 * beside the checkout (../shared/golden, see its README.md; a clone has no such folder).
 */
import fs from 'node:fs';
import path from 'node:path';
import * as conv from '../../src/index.js';
import { describeBackends } from '../support/backends.js';
import { OPERATORS } from './operators.js';
import { runFile } from './runner.js';

const ROOT = path.resolve(__dirname, '../..');
const OWN = path.join(ROOT, 'test/golden');
const PUBLISHED = path.resolve(ROOT, '../shared/golden');

function goldenFiles(directory: string): string[] {
  return fs
    .readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort();
}

interface CaseCount {
  readonly all: number;
  /** Of operators that the package does not export yet. */
  readonly later: number;
}

function countCases(file: string): CaseCount {
  const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: readonly { op: string }[] };
  return { all: cases.length, later: cases.filter(({ op }) => !(OPERATORS.get(op)!.function in conv)).length };
}

describeBackends('golden cases', () => {
  test.each(goldenFiles(OWN))('of torch and torchvision hold: %s', (file) => {
    const full = path.join(OWN, file);
    expect(runFile(full)).toEqual({ passed: countCases(full).all, skipped: 0, failures: [] });
  });

  if (fs.existsSync(PUBLISHED)) {
    test.each(goldenFiles(PUBLISHED))('of other projects hold: %s', (file) => {
      const full = path.join(PUBLISHED, file);
      const { all, later } = countCases(full);
      expect(runFile(full)).toEqual({ passed: all - later, skipped: later, failures: [] });
    });
  } else {
    test.skip('of other projects: skipped, there is no ../shared/golden beside this checkout', () => undefined);
  }
});

test('the own golden cases cover every operator that the package exports and a golden file can name', () => {
  const covered = new Set(goldenFiles(OWN).map((file) => OPERATORS.get(path.basename(file, '.json'))!.function));
  const exported = new Set([...OPERATORS.values()].map((form) => form.function).filter((name) => name in conv));
  expect(covered).toEqual(exported);
});
