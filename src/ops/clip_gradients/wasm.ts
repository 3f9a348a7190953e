/** clipGradients on WebAssembly (assembly/clip.ts). */
import * as tf from '@tensorflow/tfjs';
import { runWasm } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { listOf } from '../lists.js';
import { CLIP_GRADIENTS, normGroups, type ClipAttributes } from './kernels.js';

/** Bytes of a sum of squares, in float64. */
const SUM_BYTES = 8;

export const forward: tf.KernelConfig = {
  kernelName: CLIP_GRADIENTS.forward,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { by, limit } = args.attrs as ClipAttributes;
    return runWasm(args, ({ exports, input, output, scratch }) => {
      const gradients = listOf(args.inputs, 'gradient').map(({ shape }, index) => {
        const size = tf.util.sizeFromShape(shape);
        return { from: input(`gradient${index}`), to: output(shape), size };
      });
      if (by === 'value') {
        for (const { from, to, size } of gradients) exports.clipByValue(from, to, size, limit);
        return;
      }
      const sum = scratch(SUM_BYTES);
      for (const group of normGroups(by, gradients.length)) {
        const own = group.map((index) => gradients[index]!);
        own.forEach(({ from, size }, index) => {
          exports.addSquares(from, size, sum, index === 0 ? 0 : 1);
        });
        for (const { from, to, size } of own) exports.clipByNorm(from, to, size, sum, limit);
      }
    });
  },
};
