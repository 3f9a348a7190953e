/**
 * Pooling kernels on WebAssembly: each takes a geometry and scratch memory for the axes of its windows, and has one
 * output.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWasmSingle, type WasmCall } from '../../backends/wasm/adapter.js';
import { geometryFields } from '../../backends/wasm/geometry.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';

/** Operands that every pooling kernel has. */
export interface PoolOperands {
  readonly geometry: number;
  /** Scratch memory for the pixel ranges of the windows along both axes. */
  readonly scratch: number;
}

/** A kernel whose output has the shape of the input (gradients) or of the pooled result. */
export function poolKernel(
  kernelName: string,
  shape: 'image' | 'windows',
  compute: (call: WasmCall, operands: PoolOperands, output: number) => void,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args: KernelArguments) => {
      const g = args.attrs as ConvGeometry;
      const [height, width] = shape === 'image' ? [g.inHeight, g.inWidth] : [g.outHeight, g.outWidth];
      return runWasmSingle(args, (call) => {
        const geometry = call.integers(geometryFields(g, 0));
        const scratch = call.scratch(call.exports.poolScratch(geometry));
        compute(call, { geometry, scratch }, call.output([g.batch, height, width, g.inChannels]));
      });
    },
  };
}
