/**
 * The part of jest's interface that the operator tests use, inside a browser page: a test file is imported after this
 * module, and `runTests` then runs what it declared, in order, and reports every test as it ends.
 */
import { expect } from 'expect';
import { rowTitle } from './titles.js';

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

interface Case {
  readonly title: string;
  readonly body: Body;
  readonly skipped: boolean;
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
    readonly skipped: boolean,
  ) {}
}

let current = new Suite([], false);

function suite(title: string, body: Body, skipped = false): void {
  const outer = current;
  current = new Suite([...outer.titles, title], skipped || outer.skipped);
  outer.children.push(current);
  body();
  current = outer;
}

function each(declare: (title: string, body: Body) => void) {
  return (rows: readonly unknown[]) => (title: string, body: (...values: unknown[]) => unknown) => {
    rows.forEach((row, index) => {
      declare(rowTitle(title, row, index), () => body(...(Array.isArray(row) ? (row as unknown[]) : [row])));
    });
  };
}

const declareTest = (title: string, body: Body, skipped = false): void => {
  current.children.push({ title, body, skipped: skipped || current.skipped });
};
const plainTest = (title: string, body: Body): void => {
  declareTest(title, body);
};
const plainSuite = (title: string, body: Body): void => {
  suite(title, body);
};

const test = Object.assign(plainTest, {
  each: each(plainTest),
  skip: (title: string, body: Body) => {
    declareTest(title, body, true);
  },
});
const describe = Object.assign(plainSuite, {
  each: each(plainSuite),
  skip: (title: string, body: Body) => {
    suite(title, body, true);
  },
});
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

async function runSuite(
  here: Suite,
  report: Report,
  outer: readonly Suite[],
  broken: readonly string[],
): Promise<void> {
  const path = [...outer, here];
  // A hook that fails fails every test under it: none of them ran under its conditions.
  const blocked = [...broken, ...(here.skipped ? [] : await run(here.hooks.beforeAll))];
  for (const child of here.children) {
    if (child instanceof Suite) await runSuite(child, report, path, blocked);
    else await report(await runCase(child, path, blocked));
  }
  const failures = here.skipped ? [] : await run(here.hooks.afterAll);
  if (failures.length === 0) return;
  const failure = failures.join('\n\n');
  await report({ ancestorTitles: here.titles, title: 'afterAll', status: 'failed', duration: 0, failure });
}

async function runCase(
  { title, body, skipped }: Case,
  path: readonly Suite[],
  blocked: readonly string[],
): Promise<PageResult> {
  const ancestorTitles = path.at(-1)!.titles;
  if (skipped) return { ancestorTitles, title, status: 'pending', duration: 0 };
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

/** Runs everything that was declared since this module was loaded. */
export function runTests(report: Report): Promise<void> {
  return runSuite(current, report, [], []);
}
