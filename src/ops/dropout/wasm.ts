/** dropout on WebAssembly (assembly/dropout.ts). */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DROPOUT } from './kernels.js';
import { dropoutOf } from './noise.js';

/** Elements whose mask is held at a time, if none share it: a multiple of 16 that fits into the first cache. */
const CHUNK = 2048;

export const forward: tf.KernelConfig = {
  kernelName: DROPOUT.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { shape, size, key, threshold, scale, noiseSize, axes } = dropoutOf(args);
    return runWasmSingle(args, ({ exports, input, output, scratch, integers }) => {
      const [x, y] = [input('x'), output(shape)];
      if (size === 0) return;
      const isShared = axes.some(({ step }) => step === 0);
      const held = isShared ? noiseSize : Math.min(noiseSize, CHUNK);
      const noise = scratch(Math.ceil(held / 16) * 64);
      if (isShared) {
        const list = integers([...axes.map(({ length }) => length), ...axes.map(({ step }) => step)]);
        exports.dropoutNoise(noise, 0, noiseSize, ...key, threshold);
        exports.dropoutApplyShared(x, noise, y, size, list, axes.length, scale);
        return;
      }
      for (let start = 0; start < size; start += CHUNK) {
        const count = Math.min(CHUNK, size - start);
        exports.dropoutNoise(noise, start / 4, count, ...key, threshold);
        exports.dropoutApply(x + 4 * start, noise, y + 4 * start, count, scale);
      }
    });
  },
};
