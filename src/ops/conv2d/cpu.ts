/**
 * conv2d in plain TypeScript. The inner loops run over contiguous memory, four channels or four positions at a time, so
 * that each sum is read and written once for four products.
 */
import type * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput, readOptional } from '../../backends/cpu/adapter.js';
import { visitRuns } from '../../backends/cpu/visit_runs.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CONV2D } from './kernels.js';

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const filter = readInput(args, 'filter');
    const bias = readOptional(args, 'bias');
    const { inChannels, outChannels, groups } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const y = new Float32Array(g.batch * g.outHeight * g.outWidth * outChannels);
    if (bias !== undefined) for (let start = 0; start < y.length; start += outChannels) y.set(bias, start);
    const product = new RowProduct(x, filter, y, { count: groupIn, length: groupOut, pitch: outChannels });
    visitRuns(g, (input, output, tap, count) => {
      for (let position = 0; position < count; position++) {
        for (let group = 0; group < groups; group++) {
          product.factorsAt = (input + position * g.strideWidth) * inChannels + group * groupIn;
          product.rowsAt = tap * groupIn * outChannels + group * groupOut;
          product.sumsAt = (output + position) * outChannels + group * groupOut;
          addRows(product);
        }
      }
    });
    return makeOutput(args, [g.batch, g.outHeight, g.outWidth, outChannels], y);
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const dy = readInput(args, 'dy');
    const filter = readInput(args, 'filter');
    const { inChannels, outChannels, groups } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * inChannels);
    const product = new RowProduct(dy, filter, dx, { count: groupIn, length: groupOut, pitch: outChannels });
    visitRuns(g, (input, output, tap, count) => {
      for (let position = 0; position < count; position++) {
        for (let group = 0; group < groups; group++) {
          product.factorsAt = (output + position) * outChannels + group * groupOut;
          product.rowsAt = tap * groupIn * outChannels + group * groupOut;
          product.sumsAt = (input + position * g.strideWidth) * inChannels + group * groupIn;
          addInnerProducts(product);
        }
      }
    });
    return makeOutput(args, [g.batch, g.inHeight, g.inWidth, inChannels], dx);
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const x = readInput(args, 'x');
    const dy = readInput(args, 'dy');
    const { inChannels, outChannels, groups, kernelHeight, kernelWidth } = g;
    const groupIn = inChannels / groups;
    const groupOut = outChannels / groups;
    const dfilter = new Float32Array(kernelHeight * kernelWidth * groupIn * outChannels);
    const step = g.strideWidth * inChannels;
    const product = new RowProduct(x, dy, dfilter, { count: 0, length: groupOut, pitch: outChannels, step });
    visitRuns(g, (input, output, tap, count) => {
      product.count = count;
      for (let group = 0; group < groups; group++) {
        product.rowsAt = output * outChannels + group * groupOut;
        for (let c = 0; c < groupIn; c++) {
          product.factorsAt = input * inChannels + group * groupIn + c;
          product.sumsAt = (tap * groupIn + c) * outChannels + group * groupOut;
          addRows(product);
        }
      }
    });
    return makeOutput(args, [kernelHeight, kernelWidth, groupIn, outChannels], dfilter);
  },
};

/** Product of a vector with some rows of a matrix. One instance is reused for all products of a kernel call. */
class RowProduct {
  /** Index of the first element used in each array. */
  factorsAt = 0;
  rowsAt = 0;
  sumsAt = 0;
  /** Number of rows. */
  count: number;
  /** Elements per row. */
  readonly length: number;
  /** Distance between rows, in elements. */
  readonly pitch: number;
  /** Distance between factors, in elements, when there is one factor per row. */
  readonly step: number;

  constructor(
    readonly factors: Float32Array,
    readonly rows: Float32Array,
    readonly sums: Float32Array,
    sizes: { readonly count: number; readonly length: number; readonly pitch: number; readonly step?: number },
  ) {
    this.count = sizes.count;
    this.length = sizes.length;
    this.pitch = sizes.pitch;
    this.step = sizes.step ?? 1;
  }
}

/** sums[i] += Σ factors[k] · rows[k][i], with one factor per row. */
function addRows({ factors, factorsAt, rows, rowsAt, sums, sumsAt, count, length, pitch, step }: RowProduct): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const at = factorsAt + k * step;
    const v0 = factors[at]!;
    const v1 = factors[at + step]!;
    const v2 = factors[at + 2 * step]!;
    const v3 = factors[at + 3 * step]!;
    const r0 = rowsAt + k * pitch;
    const r1 = r0 + pitch;
    const r2 = r1 + pitch;
    const r3 = r2 + pitch;
    for (let i = 0; i < length; i++) {
      sums[sumsAt + i]! += v0 * rows[r0 + i]! + v1 * rows[r1 + i]! + v2 * rows[r2 + i]! + v3 * rows[r3 + i]!;
    }
  }
  for (; k < count; k++) {
    const value = factors[factorsAt + k * step]!;
    const row = rowsAt + k * pitch;
    for (let i = 0; i < length; i++) sums[sumsAt + i]! += value * rows[row + i]!;
  }
}

/** sums[k] += Σ factors[i] · rows[k][i], with one factor per element of a row. */
function addInnerProducts({ factors, factorsAt, rows, rowsAt, sums, sumsAt, count, length, pitch }: RowProduct): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const r0 = rowsAt + k * pitch;
    const r1 = r0 + pitch;
    const r2 = r1 + pitch;
    const r3 = r2 + pitch;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = 0; i < length; i++) {
      const value = factors[factorsAt + i]!;
      s0 += value * rows[r0 + i]!;
      s1 += value * rows[r1 + i]!;
      s2 += value * rows[r2 + i]!;
      s3 += value * rows[r3 + i]!;
    }
    sums[sumsAt + k]! += s0;
    sums[sumsAt + k + 1]! += s1;
    sums[sumsAt + k + 2]! += s2;
    sums[sumsAt + k + 3]! += s3;
  }
  for (; k < count; k++) {
    const row = rowsAt + k * pitch;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += factors[factorsAt + i]! * rows[row + i]!;
    sums[sumsAt + k]! += sum;
  }
}
