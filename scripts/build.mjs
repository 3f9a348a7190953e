// Builds dist/: the wasm kernels, then CommonJS and ES modules with type declarations, both at once: ES modules by the
// TypeScript compiler, one a source file, which bundlers take apart; CommonJS modules in a few pieces, which Node loads
// fast (that pass checks the types, which are the same). The result replaces dist/ only when it is complete, so an
// interrupted or failed build leaves the last good one in place.
//
//   node scripts/build.mjs [--if-needed]
import { execFile, execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleCommonJS } from './bundle_commonjs.mjs';
import { alone } from './build_lock.mjs';
import { fingerprint, root } from './freshness.mjs';

const FORMATS = [
  ['cjs', 'commonjs'],
  ['esm', 'module'],
];
const INPUTS = [
  'src',
  'assembly',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.cjs.json',
  'tsconfig.esm.json',
];

const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.made-from');
const made = fingerprint(INPUTS, ['src/backends/wasm/generated']);

const isCurrent = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === made;
const isNeeded = () => !(process.argv.includes('--if-needed') && isCurrent());
// Another process may have built dist/ while this one waited.
if (isNeeded()) await alone(() => (isNeeded() ? build() : undefined));

async function build() {
  console.log('Building tfjs-convolutions …');
  execFileSync(process.execPath, ['scripts/build_wasm.mjs', '--if-needed'], { cwd: root, stdio: 'inherit' });
  // Beside dist/ and as deep, so that the relative paths in the source maps hold after the move.
  const draft = path.join(root, `.dist-${process.pid}`);
  const old = `${draft}-old`;
  try {
    const passes = await Promise.allSettled(FORMATS.map(([format, type]) => compile(draft, format, type)));
    const failed = passes.find(({ status }) => status === 'rejected');
    if (failed) {
      if (!failed.reason.stdout) throw failed.reason;
      process.stderr.write(failed.reason.stdout);
      process.exitCode = 1;
      return;
    }
    fs.chmodSync(path.join(draft, 'cjs/cli/main.js'), 0o755);
    fs.writeFileSync(path.join(draft, path.basename(stamp)), made);
    // Renaming instead of deleting in place: dist/ is complete or absent at every moment.
    if (fs.existsSync(dist)) fs.renameSync(dist, old);
    fs.renameSync(draft, dist);
  } finally {
    for (const folder of [draft, old]) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The `sideEffects` of package.json in the folder of one format, relative to it. */
function sideEffects(format) {
  const folder = `./dist/${format}/`;
  const { sideEffects: files } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return files.filter((file) => file.startsWith(folder)).map((file) => `./${file.slice(folder.length)}`);
}

/**
 * Compiles to one format. Its package.json tells Node which kind of module the folder holds, and tells bundlers,
 * which read the nearest one only, which modules have side effects.
 */
async function compile(draft, format, type) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const outDir = path.join(draft, format);
  const options = ['-p', `tsconfig.${format}.json`, '--outDir', outDir];
  await promisify(execFile)(process.execPath, [tsc, ...options], { cwd: root });
  if (format === 'cjs') await bundleCommonJS(outDir);
  fs.writeFileSync(
    path.join(outDir, 'package.json'),
    `${JSON.stringify({ type, sideEffects: sideEffects(format) })}\n`,
  );
}
