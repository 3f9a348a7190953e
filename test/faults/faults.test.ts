/** A fixed sample of the faults that `npm run faults` injects into real runs. */
import { Random } from '../../src/training/random.js';
import { DAMAGED_FILES, damageOf } from './damages.js';
import { DISKS, FaultLab } from './faults.js';

const SEED = 1;
const random = new Random(SEED, 'step');
let lab: FaultLab;

beforeAll(async () => {
  console.info(`faults: seed ${SEED}`);
  lab = new FaultLab();
  await lab.undisturbed(1);
  await lab.undisturbed(2);
}, 120_000);

afterAll(() => {
  lab.dispose();
});

/** Chooses some of the operations, by index. */
function choose(operations: readonly string[], pattern: RegExp, count: number): number[] {
  const numbers = operations.flatMap((name, index) => (pattern.test(name) ? [index + 1] : []));
  expect(numbers.length).toBeGreaterThanOrEqual(count);
  return Array.from({ length: count }, () => numbers.splice(random.below(numbers.length), 1)[0]!);
}

test('a new run that is killed during a file operation resumes to the same bits', async () => {
  const operations = await lab.operations(false);
  for (const pattern of [/^write run\.json/, /^write checkpoint\.bin/, /^write model\/weights/]) {
    for (const at of choose(operations, pattern, 1)) await lab.killNewRun(at);
  }
}, 300_000);

test('a run that is killed while it replaces another leaves a model that loads', async () => {
  const operations = await lab.operations(true);
  for (const pattern of [/^rename model\/weights\.new/, /^rename model\/model/, /^write model\/weights\.bin/]) {
    for (const at of choose(operations, pattern, 1)) await lab.killOverwritingRun(at);
  }
  // Before its first checkpoint is complete, the run that was to be replaced resumes instead.
  await lab.killOverwritingRun(operations.findIndex((name) => name.startsWith('write checkpoint.bin')) + 1);
}, 300_000);

test('a run that is killed at random moments resumes to the same bits', async () => {
  expect(await lab.killAtRandom(() => random.between(0.3, 1), 3, 1500)).toBeLessThanOrEqual(3);
}, 300_000);

test.each(DISKS)(
  '%s: one line that names the file, nothing temporary, and later the same bits',
  async (disk) => {
    const [at] = choose(await lab.operations(false), /^(write|create) checkpoint\.bin/, 1);
    expect(await lab.failDisk(disk, at!)).toBe('refused');
  },
  300_000,
);

test.each(DAMAGED_FILES.map((damaged, index) => ({ ...damaged, index })))(
  'damaged $file: $command gives the same bits or fails with one line',
  async ({ file, command, index }) => {
    const { change } = damageOf(SEED, index);
    expect(['refused', 'same']).toContain(await lab.damage(file, command, change));
  },
  300_000,
);

test('two processes that save one model and checkpoint never fail, nor does one that loads them', async () => {
  const { saves, reads } = await lab.writeTogether(2);
  expect(saves).toBeGreaterThanOrEqual(4);
  expect(reads).toBeGreaterThan(0);
}, 300_000);
