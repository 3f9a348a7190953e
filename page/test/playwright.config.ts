/**
 * The page as a person uses it: the built page behind a web server, in Chromium with a software renderer for WebGL and
 * WebGPU. `npm test -w page`; with `-- --update-snapshots` the screenshots become the approved ones.
 */
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumOptions } from '../../test/browser/chromium_options.js';

const ROOT = path.resolve(__dirname, '../..');
const VITE = path.join(path.dirname(require.resolve('vite/package.json')), 'bin/vite.js');
const PORT = 5196;

export default defineConfig({
  testDir: __dirname,
  // Of the whole site, with a configuration of their own.
  testIgnore: 'site/**',
  outputDir: path.join(ROOT, 'runs/page'),
  reporter: [
    ['list'],
    ...(process.env['PAGE_REPORT'] ? [['json', { outputFile: process.env['PAGE_REPORT'] }] as const] : []),
  ],
  workers: 2,
  fullyParallel: true,
  // A whole training on a software renderer takes 45 s on two quiet cores.
  timeout: 180_000,
  expect: { timeout: 20_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: 'disabled' } },
  snapshotPathTemplate: '{testDir}/screenshots/{arg}{ext}',
  forbidOnly: Boolean(process.env['CI']),
  use: {
    baseURL: `http://localhost:${PORT}`,
    locale: 'en-GB',
    launchOptions: chromiumOptions(),
  },
  webServer: {
    command: `node ${VITE} preview --port ${PORT}`,
    cwd: path.join(ROOT, 'page'),
    url: `http://localhost:${PORT}`,
    reuseExistingServer: false,
  },
});
