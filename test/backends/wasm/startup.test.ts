/** Messages to users if the wasm backend cannot start, and before it has started. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '../../../src/index.js';
import { wrapStartup } from '../../../src/backends/wasm/startup.js';

describe('the wasm backend', () => {
  it('is the default in Node, and asks synchronous programs to wait for it', () => {
    expect(() => tf.ones([1])).toThrow(
      "The highest priority backend 'wasm' has not yet been initialized. Make sure to await tf.ready() or await tf.setBackend()",
    );
  });

  it('says what to do if its binary is missing', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    jest.spyOn(console, 'error').mockImplementation();
    const factory = tf.findBackendFactory('wasm');
    wrapStartup();
    expect(tf.findBackendFactory('wasm')).toBe(factory);
    setWasmPaths('/missing/');
    await expect(tf.setBackend('wasm')).resolves.toBe(false);
    const words = warn.mock.calls.flat().join('\n');
    expect(words).toContain(
      'Cannot start the wasm backend: the .wasm files of @tensorflow/tfjs-backend-wasm/dist must be',
    );
    expect(words).toContain('docs/bundlers.md');
    expect(words).toContain("received error = '");
    jest.restoreAllMocks();
  });
});
