/**
 * Size of the package in a user's bundle: bytes, minified and gzipped, of the code that bundlers keep for one layer, one
 * network and everything, without TensorFlow.js, compared with TensorFlow.js itself in the same bundler.
 * Then the page: bytes loaded for the first view, and bytes loaded later.
 *
 *   npm run -w bench size
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { formatTable } from '../src/analysis/report.js';

const ROOT = path.resolve(__dirname, '..');
const BUILT = path.join(ROOT, 'dist/esm/index.js');
const PAGE = path.join(ROOT, 'page/dist');

const HOST = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];

/** Code of a user, and packages that are not counted. */
const STATEMENTS: readonly (readonly [what: string, statement: string, external: readonly string[]])[] = [
  ['one layer: DeformableConv2D', `export { DeformableConv2D } from '${BUILT}'`, HOST],
  ['one layer: DepthwiseConv2D', `export { DepthwiseConv2D } from '${BUILT}'`, HOST],
  ['one network: mobileNetV1', `export { mobileNetV1 } from '${BUILT}'`, HOST],
  ['all of it', `export * from '${BUILT}'`, HOST],
  ['TensorFlow.js with its wasm backend', HOST.map((name) => `import '${name}'`).join(';'), []],
];

interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

const sizeOf = (bytes: Uint8Array): Size => ({ minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length });

async function bundled(statement: string, external: readonly string[]): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: statement, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: [...external],
    logLevel: 'error',
  });
  return sizeOf(outputFiles[0]!.contents);
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

function print(title: string, rows: readonly (readonly [string, Size])[]): void {
  const columns = [
    { title, align: 'left' },
    { title: 'kB', align: 'right' },
    { title: 'kB gzipped', align: 'right' },
  ] as const;
  console.log(
    formatTable(
      [...columns],
      rows.map(([name, { minified, gzipped }]) => [name, kilobytes(minified), kilobytes(gzipped)]),
    ),
  );
}

async function main(): Promise<void> {
  const sizes: (readonly [string, Size])[] = [];
  for (const [what, statement, external] of STATEMENTS) sizes.push([what, await bundled(statement, external)]);
  print('in a bundle', sizes);
  const html = fs.readFileSync(path.join(PAGE, 'index.html'), 'utf8');
  const files = fs
    .readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .filter((file) => fs.statSync(path.join(PAGE, file)).isFile())
    .map((file) => ({ file, ...sizeOf(fs.readFileSync(path.join(PAGE, file))) }));
  const isFirst = ({ file }: { readonly file: string }): boolean => file === 'index.html' || html.includes(file);
  for (const [title, chosen] of [
    ['first view of the page', files.filter(isFirst)],
    ['later', files.filter((entry) => !isFirst(entry)).sort((a, b) => b.gzipped - a.gzipped)],
  ] as const) {
    console.log();
    print(
      title,
      chosen.slice(0, 12).map((entry) => [entry.file, entry] as const),
    );
  }
}

void main();
