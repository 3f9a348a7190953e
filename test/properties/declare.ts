/** Random cases of every property on every backend, replayable by seed; see CONTRIBUTING.md, "Tests". */
import fc from 'fast-check';
import { describeGuarded, type TestBackend } from '../support/backends.js';
import { keepFigures } from './figures.js';
import { checkAdjoint, checkRepeatable, checkSplit } from './identities.js';
import { worstErrors, type AnyProperty, type DrawnCase, type PropertyCase, type Worst } from './property.js';

/** Always there: jest.config.cjs sets it. */
const SEED = Number(process.env['PROPERTY_SEED']);

/** Milliseconds that a case may take at the most, on the slowest backend. */
const PATIENCE = 200;

/** Cases of a property on a backend. */
function runsOf({ composed }: AnyProperty, { name, cases }: TestBackend): number {
  const given = process.env['PROPERTY_RUNS'];
  const runs = given === undefined ? cases : Number(given);
  return composed && ['webgl', 'webgpu'].includes(name) ? Math.ceil(runs / 10) : runs;
}

/** One test for each property on each backend that is here. */
export function describeProperties(properties: readonly AnyProperty[]): void {
  describeGuarded('any case', (backend) => {
    for (const property of properties) {
      const runs = runsOf(property, backend);
      test(
        `of ${property.title} agrees with float64 in value and gradients`,
        async () => {
          await assertProperty(property, backend, runs);
        },
        120_000 + runs * PATIENCE,
      );

      const fewer = Math.ceil(runs / 10);
      test(
        `of ${property.title} ${backend.repeatable ? 'gives the same bits every time, also of each item alone,' : 'gives the same of each item alone'} and is the adjoint of its gradient`,
        async () => {
          await assertCases(property, backend, fewer, async (op) => {
            if (backend.repeatable) await checkRepeatable(op);
            await checkSplit(op, backend);
            await checkAdjoint(op, backend);
          });
        },
        120_000 + fewer * PATIENCE,
      );
    }
  });
}

async function assertProperty(property: AnyProperty, backend: TestBackend, runs: number): Promise<void> {
  const worst = new Map<string, Worst>();
  const cases = await assertCases(property, backend, runs, async (op) => {
    for (const found of await worstErrors(op)) {
      if (!(found.error <= (worst.get(found.array)?.error ?? -1))) worst.set(found.array, found);
      if (!(found.error <= backend.property)) throw new Error(textOf(found, backend.property));
    }
  });
  await keepFigures({ property: property.title, backend: placeOf(backend), seed: SEED, cases }, [...worst.values()]);
}

/** Fails unless `check` holds for so many cases; their number. */
async function assertCases(
  property: AnyProperty,
  backend: TestBackend,
  runs: number,
  check: (op: PropertyCase) => Promise<void>,
): Promise<number> {
  const path = process.env['PROPERTY_PATH'];
  const details = await fc.check(
    fc.asyncProperty(property.cases, ({ build }) => check(build())),
    { numRuns: runs, seed: SEED, maxSkipsPerRun: 10, ...(path !== undefined && { path }) },
  );
  if (details.failed) throw new Error(failure(property, backend, runs, details));
  return details.numRuns;
}

export function placeOf({ name, variant }: TestBackend): string {
  return variant === undefined ? name : `${name} ${variant}`;
}

function textOf({ array, index, got, want, error }: Worst, limit: number): string {
  return `${array}[${index.join(', ')}] = ${got}, expected ${want}: error ${error.toExponential(2)} > ${limit}`;
}

function failure(
  { title }: AnyProperty,
  backend: TestBackend,
  runs: number,
  { counterexample, counterexamplePath, errorInstance, numRuns }: fc.RunDetails<[DrawnCase]>,
): string {
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  return [
    `${title} on ${placeOf(backend)}, case ${numRuns} of ${runs}, shrunk to ${counterexample?.[0].toString() ?? 'none'}:`,
    error.message,
    `Again: PROPERTY_SEED=${SEED} PROPERTY_RUNS=${runs} npm test -- test/ops/properties -t '${title}'`,
    `That case alone: PROPERTY_SEED=${SEED} PROPERTY_PATH=${counterexamplePath ?? ''} npm test -- …`,
    error.stack ?? '',
  ].join('\n');
}
