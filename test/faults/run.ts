/**
 * All faults, for docs/faults.md:
 *
 *   npm run faults [-- --kills 200] [--every 1] [--every-disk 1] [--damages 200] [--seconds 60] [--seed 1] [--parallel
 * 2]
 *
 * `--every n` kills only at every n-th operation, `--every-disk n` makes disks fail only at every n-th one.
 */
import { parseArgs } from 'node:util';
import { Random } from '../../src/training/random.js';
import { DISKS, FaultLab } from './faults.js';
import { DAMAGED_FILES, damageOf } from './damages.js';

const { values } = parseArgs({
  options: Object.fromEntries(
    ['kills', 'every', 'every-disk', 'damages', 'seconds', 'seed', 'parallel'].map((name) => [
      name,
      { type: 'string' as const },
    ]),
  ),
});
const number = (name: string, value: number): number => Number(values[name] ?? value);

const lab = new FaultLab();
const failures: string[] = [];

/** Runs jobs, some in parallel; a failure is recorded and the others continue. */
async function all<T>(
  title: string,
  jobs: readonly { readonly name: string; readonly run: () => Promise<T> }[],
  parallel = number('parallel', 2),
): Promise<T[]> {
  const results: T[] = [];
  const queue = [...jobs];
  const before = failures.length;
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      try {
        results.push(await job.run());
      } catch (error) {
        failures.push(`${title}, ${job.name}: ${(error as Error).message}`);
        console.log(`  ${failures.at(-1)!}`);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  console.log(`${title}: ${jobs.length} faults, ${failures.length - before} failed`);
  return results;
}

async function main(): Promise<void> {
  const [every, seed] = [number('every', 1), number('seed', 1)];
  console.log(`seed ${seed}`);
  await lab.undisturbed(1);
  await lab.undisturbed(2);
  const together = await lab.writeTogether(number('seconds', 60));
  console.log(`two writers and a reader: ${together.saves} saves, ${together.reads} reads, 0 failed`);

  const random = new Random(seed, 'step');
  const started = performance.now();
  await lab.start(lab.words(1, lab.newName()));
  const longest = 1.2 * (performance.now() - started);
  const wanted = number('kills', 200);
  let kills = 0;
  // A chain may end early, with its run, so there are more than needed.
  const chains = Array.from({ length: wanted }, (_, chain) => ({
    name: `chain ${chain}`,
    run: async () => {
      if (kills < wanted) kills += await lab.killAtRandom(() => random.between(0, 1), 10, longest);
    },
  }));
  await all('killed at random moments, up to ten times a run', chains);
  console.log(`  ${kills} kills`);

  const [fresh, replacing] = [await lab.operations(false), await lab.operations(true)];
  console.log(`operations on files: ${fresh.length} of a new run, ${replacing.length} of one that replaces another`);
  const chosen = (names: readonly string[], step = every): { at: number; name: string }[] =>
    names
      .map((name, index) => ({ at: index + 1, name: `operation ${index + 1} (${name})` }))
      .filter(({ at }) => at % step === 0);
  await all(
    'killed in the middle of an operation of a new run',
    chosen(fresh).map(({ at, name }) => ({ name, run: () => lab.killNewRun(at) })),
  );
  await all(
    'killed in the middle of an operation of a run that replaces another one',
    chosen(replacing).map(({ at, name }) => ({ name, run: () => lab.killOverwritingRun(at) })),
  );

  const damages = Array.from({ length: number('damages', 200) }, (_, index) => {
    const { file, command } = DAMAGED_FILES[index % DAMAGED_FILES.length]!;
    const { name, change } = damageOf(seed, index);
    return { file, name: `${file}, ${name}`, run: () => lab.damage(file, command, change) };
  });
  const isOfData = ({ file }: { readonly file: string }): boolean => file.startsWith('bars');
  const results = [
    ...(await all(
      'a file of the run cut short or with a flipped bit',
      damages.filter((one) => !isOfData(one)),
    )),
    // One by one: all runs share the data.
    ...(await all('a file of the data cut short or with a flipped bit', damages.filter(isOfData), 1)),
  ];
  console.log(
    `  ${results.filter((result) => result === 'refused').length} refused in one line, the others the same bits`,
  );

  for (const disk of DISKS) {
    const ends = await all(
      `${disk} from an operation on`,
      chosen(fresh, number('every-disk', 1)).map(({ at, name }) => ({ name, run: () => lab.failDisk(disk, at) })),
    );
    console.log(`  ${ends.filter((end) => end === 'refused').length} refused in one line, the others succeeded`);
  }

  console.log(failures.length === 0 ? 'all passed' : `${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

void main().finally(() => {
  lab.dispose();
});
