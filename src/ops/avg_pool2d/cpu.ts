/** avgPool2d in plain TypeScript: outer loop over taps, inner loop over channels. */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import { visitRuns } from '../../backends/cpu/visit_runs.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { AVG_POOL2D } from './kernels.js';

/** Divides the values of every output position by the number of pixels in its window. */
function divideByCounts(g: ConvGeometry, values: Float32Array): void {
  const rows = countsOf(g.outHeight, g.strideHeight, g.padTop, g.kernelHeight, g.inHeight);
  const columns = countsOf(g.outWidth, g.strideWidth, g.padLeft, g.kernelWidth, g.inWidth);
  for (let at = 0, position = 0; at < values.length; position++) {
    const x = position % g.outWidth;
    const y = Math.floor(position / g.outWidth) % g.outHeight;
    const count = rows[y]! * columns[x]!;
    for (const end = at + g.outChannels; at < end; at++) values[at] = values[at]! / count;
  }
}

/** Number of pixels in each window along one axis. */
function countsOf(positions: number, stride: number, pad: number, kernel: number, size: number): Int32Array {
  return Int32Array.from({ length: positions }, (_, position) => {
    const start = position * stride - pad;
    return Math.min(start + kernel, size) - Math.max(start, 0);
  });
}

export const forward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const channels = g.inChannels;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * channels);
    visitRuns(g, (input, output, _, count) => {
      for (let position = 0; position < count; position++) {
        let from = (input + position * g.strideWidth) * channels;
        let to = (output + position) * channels;
        for (const end = to + channels; to < end; from++, to++) y[to]! += x[from]!;
      }
    });
    divideByCounts(g, y);
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, channels], y);
  },
};

export const backward: tf.KernelConfig = {
  kernelName: AVG_POOL2D.backward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const shares = readInput(args, 'dy').slice();
    divideByCounts(g, shares);
    const channels = g.inChannels;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * channels);
    visitRuns(g, (input, output, _, count) => {
      for (let position = 0; position < count; position++) {
        let to = (input + position * g.strideWidth) * channels;
        let from = (output + position) * channels;
        for (const end = to + channels; to < end; from++, to++) dx[to]! += shares[from]!;
      }
    });
    return makeOutput(args, [g.batch, g.inHeight, g.inWidth, channels], dx);
  },
};
