// Bundles the page into page/dist: static files with relative addresses, for any web server or GitHub Pages.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { CONTENT_SECURITY_POLICY } from './content_security_policy.mjs';
import { documentsOfPage } from './documents.mjs';
import { licenses } from './licenses.mjs';
import { packDigits } from './src/train/pack_digits.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const licenceList = licenses('licenses.md', ['@fontsource-variable/inter']);
const built = path.resolve(root, '../dist/esm');

// Browsers let threads share memory only in pages that are isolated by these two; page/public/isolation_worker.js has them
// too, for hosts that set no headers.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const headers = {
  ...isolation,
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

export default defineConfig(({ mode }) => ({
  root,
  base: './',
  plugins: [
    licenceList.ofPage,
    documentsOfPage({ isSite: mode === 'site' }),
    { name: 'digits', buildStart: packDigits },
    {
      name: 'content-security-policy',
      // The development server's own scripts are inline.
      transformIndexHtml: (html, { server }) =>
        server
          ? html.replace(/<meta http-equiv="Content-Security-Policy".*?>/, '')
          : html.replace('%CONTENT_SECURITY_POLICY%', CONTENT_SECURITY_POLICY),
    },
  ],
  resolve: {
    // The package as it is published, by the names that users import.
    alias: [
      { find: /^tfjs-convolutions$/, replacement: path.join(built, 'index.js') },
      { find: /^tfjs-convolutions\/training$/, replacement: path.join(built, 'training/browser.js') },
      { find: /^tfjs-convolutions\/interop$/, replacement: path.join(built, 'interop/browser.js') },
      // Not published.
      { find: /^tfjs-convolutions\/models\/freeze$/, replacement: path.join(built, 'models/freeze.js') },
      // Not published: the entry for Node reads files in a worker of Node.
      { find: /^tfjs-convolutions\/interop\/keras$/, replacement: path.join(built, 'interop/load_keras_bytes.js') },
      { find: /^tfjs-convolutions\/(.*)$/, replacement: path.join(built, '$1/index.js') },
    ],
    // One engine, whoever imports it.
    dedupe: ['@tensorflow/tfjs', '@tensorflow/tfjs-core'],
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  worker: {
    format: 'es',
    plugins: () => [licenceList.ofWorkers],
    // Hundreds of banners, a third of the bundle; the list of licences stands for them.
    rolldownOptions: { output: { comments: { legal: false } } },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 3000,
  },
  server: { headers: isolation },
  preview: { headers, strictPort: true },
}));
