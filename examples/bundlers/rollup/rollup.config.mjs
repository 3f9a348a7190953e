import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';

const backend = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');

/** Copies the binaries next to the bundle, where wasm.js expects them. */
const binaries = {
  name: 'tfjs-binaries',
  generateBundle() {
    for (const fileName of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
      const source = fs.readFileSync(path.join(path.dirname(backend), 'dist', fileName));
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
};

export default {
  input: 'main.js',
  output: { dir: 'dist', format: 'es' },
  plugins: [resolve({ browser: true }), commonjs(), binaries],
};
