/**
 * The page as a person uses it: the built page behind a web server, in Chromium with a software renderer for WebGL and
 * WebGPU. `npm run test:page`; with `-- --update-snapshots` the screenshots become the approved ones.
 */
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { findChromium } from '../browser/session.js';

const ROOT = path.resolve(__dirname, '../..');
const PORT = 5196;

const executablePath = findChromium();
if (executablePath === undefined) throw new Error('Cannot test the page: Chromium was not found ($CHROMIUM, $PATH)');

export default defineConfig({
  testDir: __dirname,
  outputDir: path.join(ROOT, 'runs/page'),
  reporter: [
    ['list'],
    ...(process.env['PAGE_REPORT'] ? [['json', { outputFile: process.env['PAGE_REPORT'] }] as const] : []),
  ],
  workers: 2,
  fullyParallel: true,
  timeout: 90_000,
  expect: { timeout: 20_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: 'disabled' } },
  snapshotPathTemplate: '{testDir}/screenshots/{arg}{ext}',
  forbidOnly: Boolean(process.env['CI']),
  use: {
    baseURL: `http://localhost:${PORT}`,
    locale: 'en-GB',
    launchOptions: {
      executablePath,
      args: [
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--enable-unsafe-swiftshader',
        // A camera that shows a moving test picture, and permission for it.
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        // The sandbox refuses to start for the root of a container.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview examples/browser --port ${PORT}`,
    cwd: ROOT,
    url: `http://localhost:${PORT}`,
    reuseExistingServer: false,
  },
});
