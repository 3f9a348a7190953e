/** Every example for Node runs as its first lines say, on little data. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** What makes an example small, and what it prints then. */
const EXAMPLES: Readonly<Record<string, { readonly args: readonly string[]; readonly prints: RegExp }>> = {
  'compare_layers.ts': {
    args: ['--images', '64', '--epochs', '1'],
    prints: /^plain +[\d.]+ % .*\ndilated +[\d.]+ % .*\ndeformable +[\d.]+ % .* 381,024$/m,
  },
  'published_tables.ts': {
    args: ['--out', path.join(os.tmpdir(), `published_tables_${process.pid}.svg`)],
    prints: /^77 of 77 figures as published; curves: .*\.svg$/m,
  },
};

const files = fs.readdirSync(path.join(ROOT, 'examples/node')).filter((file) => file.endsWith('.ts'));

test.each(files)('examples/node/%s runs', (file) => {
  expect(Object.keys(EXAMPLES)).toContain(file);
  const { args, prints } = EXAMPLES[file]!;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(ROOT, 'node_modules/tsx/dist/cli.mjs'), `examples/node/${file}`, ...args],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(prints);
});
