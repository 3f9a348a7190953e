/** Random cases of every property on every backend, replayable by seed; see CONTRIBUTING.md, "Tests". */
import fc from 'fast-check';
import { describeGuarded, type TestBackend } from '../support/backends.js';
import { useUniformShapes, withShapesOfHighRanks } from '../support/uniform_shapes.js';
import { keepFigures } from './figures.js';
import { checkAdjoint, checkIdentity, checkRepeatable, checkSplit, type AnyIdentity } from './identities.js';
import { textOf, worstErrors, type AnyProperty, type DrawnCase, type PropertyCase, type Worst } from './property.js';

/** Always there: jest.config.cjs sets it. */
const SEED = Number(process.env['PROPERTY_SEED']);

/** Maximum time of a case in milliseconds, on the slowest backend. */
const PATIENCE = 200;

/** Number of cases of a property on a backend. */
function ordinaryRuns({ cases }: TestBackend): number {
  const given = process.env['PROPERTY_RUNS'];
  return given === undefined ? cases : Number(given);
}

/** Cases of this one. */
function runsOf({ composed }: AnyProperty, backend: TestBackend): number {
  const [runs, { name }] = [ordinaryRuns(backend), backend];
  return composed && ['webgl', 'webgpu'].includes(name) ? Math.ceil(runs / 10) : runs;
}

/** Declares one test per property and available backend. */
export function describeProperties(properties: readonly AnyProperty[]): void {
  describeGuarded('any case', (backend) => {
    useUniformShapes(backend);
    for (const property of properties) {
      const runs = runsOf(property, backend);
      test(
        `of ${property.title} agrees with float64 in value and gradients`,
        async () => {
          await assertProperty(property, backend, runs);
        },
        120_000 + runs * PATIENCE,
      );

      const fewer = Math.ceil(runs / 20);
      test(
        `of ${property.title} ${backend.repeatable ? 'gives the same bits every time, also of each item alone,' : 'gives the same of each item alone'} and is the adjoint of its gradient`,
        async () => {
          await assertCases(property, backend, fewer, async (op) => {
            await withShapesOfHighRanks(backend, ranksOf(op), async () => {
              if (backend.repeatable) await checkRepeatable(op);
              await checkSplit(op, backend);
              await checkAdjoint(op, backend);
            });
          });
        },
        120_000 + fewer * PATIENCE,
      );
    }
  });
}

/** Declares one test per identity and available backend, with a twentieth of the cases of a property. */
export function describeIdentities(identities: readonly AnyIdentity[]): void {
  describeGuarded('any case', (backend) => {
    useUniformShapes(backend);
    const runs = Math.ceil(ordinaryRuns(backend) / 20);
    for (const identity of identities) {
      test(
        `of ${identity.title}, in value and gradients`,
        async () => {
          await assertCases(identity, backend, runs, (both) => checkIdentity(both, backend));
        },
        120_000 + runs * PATIENCE,
      );
    }
  });
}

/** Cases under the name that their test prints. */
interface Titled<Case> {
  readonly title: string;
  readonly cases: fc.Arbitrary<DrawnCase<Case>>;
}

async function assertProperty(property: AnyProperty, backend: TestBackend, runs: number): Promise<void> {
  const worst = new Map<string, Worst>();
  const cases = await assertCases(property, backend, runs, async (op) => {
    for (const found of await withShapesOfHighRanks(backend, ranksOf(op), () => worstErrors(op))) {
      if (!(found.error <= (worst.get(found.array)?.error ?? -1))) worst.set(found.array, found);
      if (!(found.error <= backend.property)) throw new Error(textOf(found, backend.property));
    }
  });
  await keepFigures({ property: property.title, backend: labelOf(backend), seed: SEED, cases }, [...worst.values()]);
}

function ranksOf({ inputs }: PropertyCase): number[] {
  return Object.values(inputs).map((input) => input?.shape.length ?? 0);
}

/** Fails unless `check` holds for this many cases; returns their number. */
async function assertCases<Case>(
  property: Titled<Case>,
  backend: TestBackend,
  runs: number,
  check: (drawn: Case) => Promise<void>,
): Promise<number> {
  const path = process.env['PROPERTY_PATH'];
  const details = await fc.check(
    fc.asyncProperty(property.cases, ({ build }) => check(build())),
    { numRuns: runs, seed: SEED, maxSkipsPerRun: 10, ...(path !== undefined && { path }) },
  );
  if (details.failed) throw new Error(failure(property, backend, runs, details));
  return details.numRuns;
}

export function labelOf({ name, variant }: TestBackend): string {
  return variant === undefined ? name : `${name} ${variant}`;
}

function failure<Case>(
  { title }: Titled<Case>,
  backend: TestBackend,
  runs: number,
  { counterexample, counterexamplePath, errorInstance, numRuns }: fc.RunDetails<[DrawnCase<Case>]>,
): string {
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  // Jest interprets it as a regular expression.
  const pattern = title.replace(/[()]/g, '.');
  return [
    `${title} on ${labelOf(backend)}, case ${numRuns} of ${runs}, shrunk to ${counterexample?.[0].toString() ?? 'none'}:`,
    error.message,
    `Again: PROPERTY_SEED=${SEED} PROPERTY_RUNS=${ordinaryRuns(backend)} npm test -- test/ops/properties -t '${pattern}'`,
    `That case alone: PROPERTY_SEED=${SEED} PROPERTY_PATH=${counterexamplePath ?? ''} npm test -- …`,
    error.stack ?? '',
  ].join('\n');
}
