/** Every command of docs/scale.md runs as it is written there, one after the other, and each gives the network that it says. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { chromium } from 'playwright-core';
import { loadKeras } from '../../src/interop/index.js';
import { evaluate, loadMnist } from '../../src/training/index.js';
import { chromiumOptions } from '../browser/chromium_options.js';
import { findChromium, ORIGIN } from '../browser/session.js';
import { torchAbsence, torchrun } from '../interop/support/cluster.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { ROOT, succeed } from './support.js';

jest.setTimeout(600_000);

const absence = torchAbsence() ?? (findChromium() === undefined ? 'Chromium was not found' : undefined);
const suite = absence === undefined ? describe : describe.skip;
const inFolder = temporaryFolder();

const RUNTIME = path.join(ROOT, 'node_modules/onnxruntime-web/dist');

/** Runs a module in Chromium, on a page beside the files of the folder; returns the first line that it logs. */
async function runInBrowser(code: string): Promise<string> {
  const imports = { 'onnxruntime-web': '/ort.wasm.bundle.min.mjs' };
  const body = `<script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${code}</script>`;
  const browser = await chromium.launch(chromiumOptions());
  try {
    const page = await browser.newPage();
    await page.route('**', (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === '') return route.fulfill({ contentType: 'text/html', body });
      const file = [inFolder(name), path.join(RUNTIME, name)].find((each) => fs.existsSync(each));
      return file === undefined ? route.abort() : route.fulfill({ path: file });
    });
    const logged = new Promise<string>((resolve, reject) => {
      page.on('console', (message) => {
        if (message.type() === 'log') resolve(message.text());
      });
      page.on('pageerror', reject);
    });
    await page.goto(ORIGIN);
    return await logged;
  } finally {
    await browser.close();
  }
}

/** Runs one block; returns what it printed. */
async function run(language: string, code: string): Promise<string> {
  if (language === 'js') return runInBrowser(code);
  const [program, ...words] = code.trim().split(/\s+/);
  if (program === 'npx') return (await succeed(words.slice(1), inFolder())).stdout;
  // Processes that share a busy machine start at different times.
  const found = await torchrun([...words, '--timeout', '300'], inFolder());
  if (found.status !== 0) throw new Error(found.stderr);
  return found.stdout;
}

suite(absence === undefined ? 'docs/scale.md [torchrun]' : `docs/scale.md [torchrun: skipped, ${absence}]`, () => {
  test('leads from a notebook to a cluster, and to the browser', async () => {
    const page = fs.readFileSync(path.join(ROOT, 'docs/scale.md'), 'utf8');
    const blocks = [...page.matchAll(/```(sh|js)\n(.*?)```/gs)].map(
      ([, language, code]) => [language!, code!] as const,
    );
    // Python finds the digits, as in a project that installed them.
    fs.symlinkSync(path.join(ROOT, 'node_modules'), inFolder('node_modules'));
    const printed: string[] = [];
    for (const [language, code] of blocks) printed.push(await run(language, code));
    expect(blocks).toHaveLength(6);
    const [tried, , trained, evaluated, , computed] = printed;
    const accuracyOf = (text: string): string => /test accuracy [\d.]+ %/.exec(text)![0];
    expect(accuracyOf(trained!)).toBe(accuracyOf(evaluated!));
    // After so few steps, both may name one class only.
    const lossOf = (text: string): string => /test accuracy [^\n]*, loss ([\d.]+)/.exec(text)![1]!;
    expect(lossOf(trained!)).not.toBe(lossOf(tried!));
    expect(computed).toBe('[1, 10]');
    await tf.setBackend('wasm');
    const { test: digits } = await loadMnist();
    const { loss } = await evaluate(await loadKeras(inFolder('runs/cluster/model.keras')), digits);
    const history = fs.readFileSync(inFolder('runs/cluster/history.csv'), 'utf8').trim().split('\n').at(-1)!.split(',');
    expect(Math.abs(loss - Number(history[3]))).toBeLessThan(1e-4 * loss);
  });
});
