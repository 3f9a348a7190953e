/** The built site (`npm run site`) as a person reads it, in Chromium: `npm run -w page test:site`. */
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import ofPage from '../playwright.config.js';

const ROOT = path.resolve(__dirname, '../../..');
const VITE = path.join(path.dirname(require.resolve('vite/package.json')), 'bin/vite.js');
const PORT = 5197;

export default defineConfig({
  ...ofPage,
  testDir: __dirname,
  testIgnore: [],
  use: { ...ofPage.use, baseURL: `http://localhost:${PORT}` },
  webServer: {
    // VitePress's own server compresses every answer anew, which takes seconds for TensorFlow.js.
    command: `node ${VITE} preview docs --outDir dist --port ${PORT} --strictPort`,
    cwd: ROOT,
    url: `http://localhost:${PORT}`,
    reuseExistingServer: false,
  },
});
