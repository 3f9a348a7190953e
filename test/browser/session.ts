/**
 * A headless Chromium for the tests: found on this machine, asked whether it has WebGL 2 with float textures, and fed
 * with bundled modules without a server.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Bundle } from './bundle.js';

const requireFrom = createRequire(__filename);

/** Folders of wasm binaries, each with the names under which its files are asked for. */
const WASM_FILES = [
  {
    folder: path.dirname(requireFrom.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')),
    names: /^\/(tfjs-backend-wasm[\w-]*\.wasm)$/,
  },
  { folder: path.dirname(requireFrom.resolve('onnxruntime-web/wasm')), names: /^\/(ort-wasm-simd-threaded\.wasm)$/ },
] as const;

/** The wasm binary that a page asks for, if it is one. */
function wasmFile(pathname: string): string | undefined {
  for (const { folder, names } of WASM_FILES) {
    const name = names.exec(pathname)?.[1];
    if (name !== undefined) return path.join(folder, name);
  }
  return undefined;
}

/** With these a page is cross-origin isolated: it may have shared memory. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The address under which pages see their modules; localhost counts as a secure context. */
export const ORIGIN = 'http://localhost';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The program to run: $CHROMIUM, or the first of the usual names in $PATH. */
export function findChromium(): string | undefined {
  const given = process.env['CHROMIUM'];
  if (given !== undefined) return fs.existsSync(given) ? given : undefined;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find((file) => fs.existsSync(file));
}

/** A running browser, or why there is none. */
export type Opened = { readonly browser: Browser } | { readonly absent: string };

/** Starts a browser that can run the webgl backend. */
export async function openBrowser(): Promise<Opened> {
  const executablePath = findChromium();
  if (executablePath === undefined) return { absent: 'Chromium was not found ($CHROMIUM, $PATH)' };
  // Software rendering, unless flags name a graphics device; the sandbox refuses to start for the root of a container.
  const flags = process.env['CHROMIUM_FLAGS'] ?? '--enable-unsafe-swiftshader';
  const args = [...flags.split(' '), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath, args });
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split('\n') : [String(error)];
    return { absent: `Chromium did not start: ${reason!}` };
  }
  const page = await browser.newPage();
  const capable = await page.evaluate(
    () => document.createElement('canvas').getContext('webgl2')?.getExtension('EXT_color_buffer_float') != null,
  );
  await page.close();
  if (capable) return { browser };
  await browser.close();
  return { absent: 'Chromium has no WebGL 2 with float textures' };
}

/** A page of its own, with its own graphics context, that can import the modules of the bundle. */
export async function openPage(browser: Browser, modules: Bundle): Promise<Page> {
  const page = await browser.newPage();
  await page.route('**/*', async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    const body = modules.get(pathname);
    const wasm = wasmFile(pathname);
    const headers = ISOLATION;
    if (origin === ORIGIN && pathname === '/') {
      await route.fulfill({ headers, contentType: 'text/html', body: '<!doctype html>' });
    } else if (origin === ORIGIN && body !== undefined) {
      await route.fulfill({ headers, contentType: 'text/javascript', body });
    } else if (origin === ORIGIN && wasm !== undefined) {
      await route.fulfill({ headers, contentType: 'application/wasm', path: wasm });
    } else await route.abort();
  });
  await page.goto(`${ORIGIN}/`);
  return page;
}
