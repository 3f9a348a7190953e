/**
 * The part of jest's interface that the tests use, inside a browser page: a test file is imported after this module, and
 * `runTests` then runs what it declared, in order, and reports every test as it ends; another file may follow. `.only`, `.skip`
 * and a pattern of names choose as they do in jest: a test that is left out is reported as pending, and hooks run only around
 * tests that run.
 */
import { expect } from 'expect';
import { rowTitle } from './titles.js';

export { repeatRandom } from '../support/repeat_random.js';

/** One test, as the page reports it. */
export interface PageResult {
  readonly ancestorTitles: string[];
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'pending';
  /** Milliseconds. */
  readonly duration: number;
  /** Message and stack of what failed. */
  readonly failure?: string;
}

type Body = () => unknown;

/** Mode declared for a test or suite; a suite passes its mode on to its members. */
type Mode = 'only' | 'skip' | undefined;

interface Case {
  readonly title: string;
  readonly body: Body;
  readonly mode: Mode;
}

class Suite {
  readonly children: (Suite | Case)[] = [];
  readonly hooks = {
    beforeAll: [] as Body[],
    beforeEach: [] as Body[],
    afterEach: [] as Body[],
    afterAll: [] as Body[],
  };

  constructor(
    /** Titles from the outermost suite on. */
    readonly titles: string[],
    readonly mode: Mode,
  ) {}
}

let current = new Suite([], undefined);

function declareSuite(title: string, body: Body, mode: Mode): void {
  const outer = current;
  current = new Suite([...outer.titles, title], outer.mode === 'skip' ? 'skip' : (mode ?? outer.mode));
  outer.children.push(current);
  body();
  current = outer;
}

function declareTest(title: string, body: Body, mode: Mode): void {
  current.children.push({ title, body, mode });
}

type Declare = (title: string, body: Body) => void;

/** The declaring function, with its form for tables. */
function withEach(declare: Declare) {
  const each =
    (rows: readonly unknown[]) =>
    (title: string, body: (...values: unknown[]) => unknown): void => {
      rows.forEach((row, index) => {
        declare(rowTitle(title, row, index), () => body(...(Array.isArray(row) ? (row as unknown[]) : [row])));
      });
    };
  return Object.assign(declare, { each });
}

/** `test` or `describe`, with `.only`, `.skip` and `.each`. */
function declaring(declare: (title: string, body: Body, mode: Mode) => void) {
  const inMode = (mode: Mode) =>
    withEach((title, body) => {
      declare(title, body, mode);
    });
  return Object.assign(inMode(undefined), { only: inMode('only'), skip: inMode('skip') });
}

const test = declaring(declareTest);
const describe = declaring(declareSuite);
const hook = (name: keyof Suite['hooks']) => (body: Body) => {
  current.hooks[name].push(body);
};

Object.assign(globalThis, {
  expect,
  describe,
  test,
  it: test,
  beforeAll: hook('beforeAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  afterAll: hook('afterAll'),
});

/** What went wrong in the bodies, one after the other; every one of them runs. */
async function run(bodies: readonly Body[]): Promise<string[]> {
  const failures: string[] = [];
  for (const body of bodies) {
    try {
      await body();
    } catch (error) {
      failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
  return failures;
}

type Report = (result: PageResult) => Promise<void>;

/** The mode of a test: its own, or that of its suite. As in jest, one `.only` test takes the suite's from those beside it. */
function modeOf(candidate: Case, { children, mode }: Suite): Mode {
  const isNarrowed = mode === 'only' && children.some((child) => !(child instanceof Suite) && child.mode === 'only');
  if (mode === 'skip') return 'skip';
  return candidate.mode ?? (isNarrowed ? undefined : mode);
}

function hasFocus(suite: Suite): boolean {
  return suite.children.some((child) => (child instanceof Suite ? hasFocus(child) : modeOf(child, suite) === 'only'));
}

/** The tests to run of all that were declared. */
class Selection {
  private readonly focused: boolean;
  private readonly pattern: RegExp | undefined;

  constructor(root: Suite, pattern: string | undefined) {
    this.focused = hasFocus(root);
    this.pattern = pattern === undefined ? undefined : new RegExp(pattern, 'i');
  }

  includes(candidate: Case, suite: Suite): boolean {
    const mode = modeOf(candidate, suite);
    if (mode === 'skip' || (this.focused && mode !== 'only')) return false;
    return this.pattern?.test([...suite.titles, candidate.title].join(' ')) ?? true;
  }

  includesAny(suite: Suite): boolean {
    return suite.children.some((child) =>
      child instanceof Suite ? this.includesAny(child) : this.includes(child, suite),
    );
  }
}

async function runSuite(
  path: readonly Suite[],
  selection: Selection,
  report: Report,
  broken: readonly string[],
): Promise<void> {
  const here = path.at(-1)!;
  const runs = selection.includesAny(here);
  // A hook that fails fails every test under it: none of them ran under its conditions.
  const blocked = [...broken, ...(runs ? await run(here.hooks.beforeAll) : [])];
  for (const child of here.children) {
    if (child instanceof Suite) await runSuite([...path, child], selection, report, blocked);
    else if (selection.includes(child, here)) await report(await runCase(child, path, blocked));
    else await report({ ancestorTitles: here.titles, title: child.title, status: 'pending', duration: 0 });
  }
  const failures = runs ? await run(here.hooks.afterAll) : [];
  if (failures.length === 0) return;
  const failure = failures.join('\n\n');
  await report({ ancestorTitles: here.titles, title: 'afterAll', status: 'failed', duration: 0, failure });
}

async function runCase({ title, body }: Case, path: readonly Suite[], blocked: readonly string[]): Promise<PageResult> {
  const ancestorTitles = path.at(-1)!.titles;
  const start = performance.now();
  const failures = [...blocked];
  if (failures.length === 0) failures.push(...(await run(path.flatMap(({ hooks }) => hooks.beforeEach))));
  if (failures.length === 0) failures.push(...(await run([body])));
  if (blocked.length === 0) failures.push(...(await run([...path].reverse().flatMap(({ hooks }) => hooks.afterEach))));
  const duration = performance.now() - start;
  return failures.length === 0
    ? { ancestorTitles, title, status: 'passed', duration }
    : { ancestorTitles, title, status: 'failed', duration, failure: failures.join('\n\n') };
}

/**
 * Runs what was declared since this module was loaded, or since the last call.
 *
 * @param pattern regular expression that full names must match, as `jest -t` takes it
 */
export function runTests(report: Report, pattern?: string): Promise<void> {
  const declared = current;
  current = new Suite([], undefined);
  return runSuite([declared], new Selection(declared, pattern), report, []);
}
