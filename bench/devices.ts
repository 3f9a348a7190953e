/**
 * Collects what the page of bench/browser measured on devices in bench/results_devices, and writes the page of that folder.
 *
 *   npm run -w bench devices -- FILE…      files that the page saved
 *   npm run -w bench devices -- --measure  in headless Chromium on this machine
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { context } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/browser/session.js';
import { BACKENDS } from './browser/backend_names.js';
import { copyFiles, pageOptions } from './browser/serve.js';
import { keepDeviceRecord, readDeviceRecord, writeDevicePage } from './support/device_results.js';

/** Renders on the processor. */
const SOFTWARE = '--enable-unsafe-swiftshader --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader';

interface Options {
  readonly measure?: true;
  readonly backends: string;
  readonly rounds: number;
  readonly only?: string;
  readonly flags: string;
  readonly out?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A positive integer is needed.');
  return value;
}

function backendNames(text: string): string {
  const isKnown = text.split(',').every((name) => (BACKENDS as readonly string[]).includes(name));
  if (!isKnown) throw new InvalidArgumentError(`Backends are ${BACKENDS.join(', ')}, separated by commas.`);
  return text;
}

async function main(files: readonly string[], options: Options): Promise<void> {
  // All of them, before anything is written.
  const records = files.map(readDeviceRecord);
  if (options.measure === true) {
    const file = path.resolve(
      options.out ?? path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'devices-')), 'device.json'),
    );
    await measure(options, file);
    if (options.out !== undefined) {
      console.log(`Wrote ${file}`);
      return;
    }
    records.push(readDeviceRecord(file));
  }
  for (const record of records) console.log(`Kept ${keepDeviceRecord(record)}`);
  console.log(`Wrote ${path.relative(process.cwd(), await writeDevicePage())}`);
}

/** Drives the page as a person would, and saves its file. */
async function measure({ backends, rounds, only, flags }: Options, file: string): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Cannot measure: Chromium was not found ($CHROMIUM, $PATH)');
  // The sandbox refuses to start for the root of a container.
  const args = [...flags.split(' '), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'tfjs-convolutions-page-'));
  copyFiles(outdir);
  const bundle = await context(pageOptions(outdir));
  const browser = await chromium.launch({ executablePath, args });
  try {
    await bundle.rebuild();
    const { port } = await bundle.serve({ host: '127.0.0.1', port: 0, servedir: outdir });
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    const query = new URLSearchParams({
      rounds: String(rounds),
      backends,
      ...(only !== undefined && { only }),
      start: '',
    });
    await page.goto(`http://localhost:${port}/?${query.toString()}`);
    await page.exposeFunction('report', (line: string) => {
      console.log(line);
    });
    await page.evaluate(() => {
      const seen = new Set<Element>();
      new MutationObserver(() => {
        for (const row of document.querySelectorAll('tbody tr')) {
          if (seen.has(row)) continue;
          seen.add(row);
          const cells = [...row.querySelectorAll('td')].map(({ textContent }) => textContent);
          void (globalThis as unknown as { report: (line: string) => Promise<void> }).report(cells.join('  '));
        }
      }).observe(document.body, { childList: true, subtree: true });
    });
    const save = page.getByRole('button', { name: 'Save as JSON' });
    await page.waitForFunction(
      () => !('running' in document.body.dataset) && document.querySelector('button:disabled') === null,
    );
    const downloading = page.waitForEvent('download');
    await save.click();
    await (await downloading).saveAs(file);
    const found = readDeviceRecord(file).backends.map(({ name }) => name);
    const absent = backends.split(',').filter((name) => !found.includes(name));
    if (absent.length > 0) {
      throw new Error(
        `Cannot measure: Chromium must have every backend (see --flags), received none of ${absent.join(', ')}`,
      );
    }
  } finally {
    await browser.close();
    await bundle.dispose();
    fs.rmSync(outdir, { recursive: true, force: true });
  }
}

const program = new Command('npm run -w bench devices --')
  .description('Collects what bench/browser measured, in bench/results_devices, and writes the page of that folder.')
  .argument('[files...]', 'files that the page saved ("Save as JSON")')
  .option('--measure', 'measure in headless Chromium on this machine')
  .addOption(new Option('--backends <names>', 'what to measure').default('webgl,webgpu').argParser(backendNames))
  .option('--rounds <count>', 'turns of each side', positive, 5)
  .option('--only <text>', 'comparisons whose title and shape contain this text')
  .option('--flags <flags>', 'of Chromium; those of a graphics device where there is one', SOFTWARE)
  .option('--out <file>', 'write this file alone, instead of keeping it in bench/results_devices')
  .action(main);

if (require.main === module) {
  program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
