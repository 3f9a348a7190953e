/**
 * Bundles the page that times this package on the visitor's GPU, and serves it or writes it to a folder for any
 * static server.
 *
 *   npm run -w bench browser [-- --port 8080]
 *   npm run -w bench browser -- --out FOLDER
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { context, type BuildOptions } from 'esbuild';

const ROOT = path.resolve(__dirname, '../..');
const FILES = ['index.html', 'style.css'];
const BINARIES = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/** Bundles the page's script; its sources are copied into the folder. */
export function pageOptions(outdir: string): BuildOptions {
  return {
    absWorkingDir: ROOT,
    entryPoints: ['bench/browser/main.ts'],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
    // The `sideEffects` list of the package names files of dist/.
    ignoreAnnotations: true,
  };
}

/** Files that the page needs besides its script. */
export function copyFiles(outdir: string): void {
  fs.mkdirSync(outdir, { recursive: true });
  const wasm = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  for (const file of FILES) fs.copyFileSync(path.join(__dirname, file), path.join(outdir, file));
  for (const file of BINARIES) fs.copyFileSync(path.join(wasm, 'dist', file), path.join(outdir, file));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, out: { type: 'string' } } });
  const outdir = path.resolve(values.out ?? fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-page-')));
  copyFiles(outdir);
  const page = await context(pageOptions(outdir));
  await page.rebuild();
  if (values.out !== undefined) {
    console.log(`Wrote ${path.join(outdir, 'index.html')}`);
    await page.dispose();
    return;
  }
  // WebGPU is available only on localhost or over https.
  const { port } = await page.serve({ host: '127.0.0.1', port: Number(values.port), servedir: outdir });
  console.log(`Open http://localhost:${port} (Ctrl+C ends)`);
  process.on('exit', () => {
    fs.rmSync(outdir, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit());
}

if (require.main === module) void main();
