/** maxPool2d in plain TypeScript: outer loop over taps, inner loop over channels. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import { visitRuns } from '../../backends/cpu/visit_runs.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { MAX_POOL2D } from './kernels.js';

/** Maximum of every window and its index in x; −1 if the window contains no pixel. */
function findMaxima(g: ConvGeometry, x: Float32Array): { maxima: Float32Array; indices: Int32Array } {
  const channels = g.inChannels;
  const maxima = new Float32Array(g.batch * g.outHeight * g.outWidth * channels);
  const indices = new Int32Array(maxima.length).fill(-1);
  visitRuns(g, (input, output, _, count) => {
    for (let position = 0; position < count; position++) {
      let from = (input + position * g.strideWidth) * channels;
      let to = (output + position) * channels;
      for (const end = to + channels; to < end; from++, to++) {
        const value = x[from]!;
        if (value > maxima[to]! || indices[to]! < 0 || value !== value) {
          maxima[to] = value;
          indices[to] = from;
        }
      }
    }
  });
  return { maxima, indices };
}

export const forward: tf.KernelConfig = {
  kernelName: MAX_POOL2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { maxima } = findMaxima(g, readInput(args, 'x'));
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, g.outChannels], maxima);
  },
};

export const backward: tf.KernelConfig = {
  kernelName: MAX_POOL2D.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const dy = readInput(args, 'dy');
    const { indices } = findMaxima(g, readInput(args, 'x'));
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
    for (let index = 0; index < dy.length; index++) {
      const from = indices[index]!;
      if (from >= 0) dx[from]! += dy[index]!;
    }
    return makeOutput(args, [g.batch, g.inHeight, g.inWidth, g.inChannels], dx);
  },
};

export const select: tf.KernelConfig = {
  kernelName: MAX_POOL2D.select,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const values = readInput(args, 'values');
    const { indices } = findMaxima(g, readInput(args, 'x'));
    const y = Float32Array.from(indices, (from) => (from < 0 ? 0 : values[from]!));
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, g.outChannels], y);
  },
};
