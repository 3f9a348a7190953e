// Builds dist/: the wasm kernels, then CommonJS and ES modules with type declarations.
//
//   node scripts/build.mjs [--if-needed]
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { newest, root } from './freshness.mjs';

const require = createRequire(import.meta.url);
const stamp = path.join(root, 'dist/.built');

if (process.argv.includes('--if-needed') && fs.existsSync(stamp)) {
  const sources = newest(['src', 'assembly', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.cjs.json', 'tsconfig.esm.json'], ['src/wasm/generated']);
  if (fs.statSync(stamp).mtimeMs > sources) process.exit(0);
}

const run = (args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
const tsc = require.resolve('typescript/bin/tsc');

console.log('Building tfjs-convolutions …');
fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
run(['scripts/build_wasm.mjs', '--if-needed']);
for (const [kind, type] of [['cjs', 'commonjs'], ['esm', 'module']]) {
  run([tsc, '-p', `tsconfig.${kind}.json`]);
  fs.writeFileSync(path.join(root, 'dist', kind, 'package.json'), `${JSON.stringify({ type })}\n`);
}
fs.chmodSync(path.join(root, 'dist/cjs/cli/main.js'), 0o755);
fs.writeFileSync(stamp, '');
