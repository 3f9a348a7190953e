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

/** Fails unless every case of an operator that the package exports holds, on a backend that has it. */
async function expectGolden(file: string): Promise<void> {
  const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: readonly { op: string }[] };
  const later = cases.filter(({ op }) => !(OPERATORS.get(op)!.function in conv)).length;
  expect(await runFile(file)).toEqual({ passed: cases.length - later, skipped: later, failures: [] });
}

describeBackends('golden cases', () => {
  test.each(goldenFiles(OWN))('of torch and torchvision hold: %s', async (file) => {
    await expectGolden(path.join(OWN, file));
  });

  if (fs.existsSync(PUBLISHED)) {
    test.each(goldenFiles(PUBLISHED))('of other projects hold: %s', async (file) => {
      await expectGolden(path.join(PUBLISHED, file));
    });
  } else {
    test.skip('of other projects: skipped, there is no ../shared/golden beside this checkout', () => undefined);
  }
});

/** Operators that neither torch nor torchvision has. */
const WITHOUT_PEER = ['deform_roi_pool', 'deform_psroi_pool'];

test('the own golden cases cover every operator of a golden file that torch or torchvision has', () => {
  const covered = goldenFiles(OWN).map((file) => path.basename(file, '.json'));
  expect([...covered, ...WITHOUT_PEER].sort()).toEqual([...OPERATORS.keys()].sort());
});
