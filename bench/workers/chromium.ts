/**
 * A worker in a page of headless Chromium, where this package on wasm and LiteRT.js run side by side. The folder that the
 * command line names holds LiteRT.js; without it, its work alone is missing.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { bundle, modulePath } from '../../test/browser/bundle.js';
import { openBrowser, openPage, ORIGIN } from '../../test/browser/session.js';
import type { Params } from '../support/question.js';
import { commandOf } from '../support/peers.js';
import { Worker } from '../support/worker.js';
import { refuse, serve, store, type Input, type PreparedWork } from './serve.js';

type Inputs = Readonly<Record<string, Input>>;

const ROOT = path.resolve(__dirname, '../..');
const ENTRY = path.join(__dirname, 'chromium_page.ts');

async function main(litert: string): Promise<void> {
  if (process.env['BENCH_CLOCK'] === 'cpu') throw new Error('a page has no clock of the time that it computes');
  const opened = await openBrowser();
  if ('absent' in opened) throw new Error(opened.absent);
  const page = await openPage(opened.browser, await bundle(ROOT, [ENTRY]));
  const files = new Map<string, Buffer>();
  await page.route(`${ORIGIN}/files/*`, (route) =>
    route.fulfill({ body: files.get(new URL(route.request().url()).pathname)! }),
  );
  await page.evaluate(
    async (module) => {
      const bench = (await import(module)) as InPage['bench'];
      Object.assign(globalThis, { bench });
    },
    modulePath(ROOT, ENTRY),
  );
  const isPresent = fs.existsSync(litert);
  if (isPresent) await serveLiteRt(page, litert);
  serve(
    { Chromium: opened.browser.version(), ...(isPresent && { 'LiteRT.js': versionOf(litert) }) },
    async (work, inputs, params) => {
      files.clear();
      for (const [name, { values }] of Object.entries(inputs)) files.set(`/files/${name}`, bytesOf(values));
      if (work === 'litert.inference') {
        if (!isPresent) throw new Error('LiteRT.js is not there (npm run setup -- bench)');
        files.set('/files/model.tflite', await convert(inputs, params));
      }
      const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
      return prepare(page, { work, shapes, params });
    },
  );
}

/** The functions of the page's module. */
type InPage = { readonly bench: typeof import('./chromium_page.js') };

async function prepare(page: Page, request: Parameters<InPage['bench']['prepare']>[0]): Promise<PreparedWork> {
  const { id, results } = await page.evaluate(
    (wanted) => (globalThis as unknown as InPage).bench.prepare(wanted),
    request,
  );
  return {
    results: results.map(({ values, shape }, index) => ({
      name: `r${index}`,
      values: Float32Array.from(values),
      shape,
    })),
    run: () => page.evaluate((wanted) => (globalThis as unknown as InPage).bench.run(wanted), id),
    release: () => {
      void page.evaluate((wanted) => {
        (globalThis as unknown as InPage).bench.release(wanted);
      }, id);
    },
  };
}

/** Its module, bundled, and the files of its wasm folder. */
async function serveLiteRt(page: Page, folder: string): Promise<void> {
  const entry = path.join(folder, 'dist/index.js');
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm' });
  const wasm = path.join(folder, 'wasm');
  await page.route(`${ORIGIN}/litert/index.js`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]!.text }),
  );
  await page.route(`${ORIGIN}/litert/wasm/*`, (route) =>
    route.fulfill({ path: path.join(wasm, path.basename(new URL(route.request().url()).pathname)) }),
  );
}

/** The network as a .tflite model, by TensorFlow's converter in the process of a peer. */
async function convert(inputs: Inputs, params: Params): Promise<Buffer> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  try {
    const stored = Object.entries(inputs).map(([name, input]) => store({ name, ...input }, folder));
    const { worker } = await Worker.start('keras', commandOf('keras', 1, 'wall'));
    const file = path.join(folder, 'model.tflite');
    try {
      await worker.ask({ op: 'prepare', work: 'tflite', params: { ...params, file }, inputs: stored, folder });
    } finally {
      worker.stop();
    }
    return fs.readFileSync(file);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function versionOf(folder: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

// playwright takes this signal for the browser alone; it ends the browser of a process that exits, too.
process.on('SIGTERM', () => process.exit());
main(process.argv[2]!).catch(refuse);
