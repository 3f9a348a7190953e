/** What a program pays that imports the package and does not use it yet: modules alone. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Prints what a fresh process does with WebAssembly and which backends it opens: at the import, and by one operator. */
const PROGRAM = `
  const used = [];
  for (const name of ['validate', 'compile', 'instantiate', 'compileStreaming', 'instantiateStreaming', 'Module', 'Instance', 'Memory']) {
    WebAssembly[name] = new Proxy(WebAssembly[name], {
      apply: (target, self, values) => (used.push(name), Reflect.apply(target, self, values)),
      construct: (target, values) => (used.push(name), Reflect.construct(target, values)),
    });
  }
  const seen = () => ({
    wasm: [...new Set(used.splice(0))],
    backends: Object.keys(tf.engine().registry),
    tensors: tf.engine().state.numDataBuffers,
  });
  const tf = require('@tensorflow/tfjs');
  require('@tensorflow/tfjs-backend-wasm');
  seen(); // the host's own imports: one of its dependencies has a module of 64-bit arithmetic
  const conv = require(process.argv[1]);
  const imported = seen();
  (async () => {
    await tf.setBackend('wasm');
    seen();
    conv.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1])).dataSync();
    console.log(JSON.stringify({ imported, called: seen() }));
  })();
`;

test('importing the package starts no WebAssembly and opens no backend; the first operator does', () => {
  const root = path.resolve(__dirname, '..');
  const library = path.join(root, 'dist/cjs/index.js');
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM, library], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    imported: { wasm: [], backends: [], tensors: 0 },
    called: { wasm: expect.arrayContaining(['Module', 'Instance']) as string[], backends: ['wasm'], tensors: 3 },
  });
});
