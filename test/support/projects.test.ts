/** Assignment of tests to the projects of jest.config.cjs. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const FILES = ['test', 'bench/test'].flatMap((folder) =>
  (fs.readdirSync(path.join(ROOT, folder), { recursive: true }) as string[])
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter((file) => file.endsWith('.test.ts')),
);

/** Lists the files that `npm test` runs with these arguments. */
function listed(...args: readonly string[]): string[] {
  const stdout = execFileSync(process.execPath, ['scripts/test.mjs', '--listTests', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => path.isAbsolute(line));
  return lines.map((file) => path.relative(ROOT, file).split(path.sep).join('/')).sort();
}

test('every layer that is handed to the harness is tested in the browser, too', () => {
  const callers = FILES.filter((file) =>
    /\bimport .*\brunLayerTest\b/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')),
  );
  expect(callers.length).toBeGreaterThan(0);
  const inBrowser = listed('--selectProjects', 'browser');
  expect(callers.filter((file) => !inBrowser.includes(file))).toEqual([]);
});

test('tests of the built package have a project that builds it, and every other test runs in Node or in the browser', () => {
  const built = listed('--selectProjects', 'dist');
  const others = listed('--selectProjects', 'node', 'browser');
  expect(built.filter((file) => others.includes(file))).toEqual([]);
  expect([...built, ...others].sort()).toEqual(FILES.filter((file) => !file.startsWith('test/package/')).sort());
});

test.each([
  '--selectProjects node browser test/ops/conv2d.test.ts',
  '--selectProjects=node test/ops/conv2d.test.ts',
  '--ignoreProjects browser test/ops/conv2d.test.ts',
])('npm test -- %s: that file', (line) => {
  expect([...new Set(listed(...line.split(' ')))]).toEqual(['test/ops/conv2d.test.ts']);
});
