/** conv2d on WebGL: products of quads of the image, gathered on the fly, with a packed filter. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { inputTiles, outputTiles } from '../../backends/webgl/convolution_windows.js';
import { FilterGradient } from '../../backends/webgl/line_filter_gradients.js';
import { multiplyLines, productOutput, unpackFours } from '../../backends/webgl/line_products.js';
import { lineSource, packFilterLines, packLines, quadsOf, segmentsOf } from '../../backends/webgl/lines.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CONV2D } from './kernels.js';

/** Sizes and segments of input and output. */
function layoutOf(g: ConvGeometry) {
  return {
    taps: g.kernelHeight * g.kernelWidth,
    inputSize: { batch: g.batch, height: g.inHeight, width: g.inWidth },
    outputSize: { batch: g.batch, height: g.outHeight, width: g.outWidth },
    input: segmentsOf(g.groups, g.inChannels / g.groups),
    output: segmentsOf(g.groups, g.outChannels / g.groups),
  };
}

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { taps, inputSize, input, output } = layoutOf(g);
    return runWebGLSingle(args, (call) => {
      const x = lineSource(call, 'x', inputSize, input);
      const filter = packFilterLines(call, call.input('filter'), taps, 'in', input, output);
      const bias = args.inputs['bias'] && call.input('bias');
      const y = productOutput(call, [g.batch, g.outHeight, g.outWidth, g.outChannels], output);
      for (const { image, row, rows, source, window } of outputTiles(g, quadsOf(input), quadsOf(output))) {
        const pixels = packLines(call, x, source);
        const product = multiplyLines(call, pixels, filter, window, input, output.count * output.quads);
        const target = { width: g.outWidth, rows, first: (image * g.outHeight + row) * g.outWidth };
        unpackFours(call, product, window, output, y, target, bias);
        call.release(pixels, ...product);
      }
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { taps, outputSize, input, output } = layoutOf(g);
    return runWebGLSingle(args, (call) => {
      const dy = lineSource(call, 'dy', outputSize, output);
      const filter = packFilterLines(call, call.input('filter'), taps, 'out', output, input);
      const dx = productOutput(call, [g.batch, g.inHeight, g.inWidth, g.inChannels], input);
      for (const { image, row, rows, source, window } of inputTiles(g, quadsOf(output), quadsOf(input))) {
        const upstream = packLines(call, dy, source);
        const product = multiplyLines(call, upstream, filter, window, output, input.count * input.quads);
        const firstRow = row * g.strideHeight;
        const count = Math.min(rows * g.strideHeight, g.inHeight - firstRow);
        const target = { width: g.inWidth, rows: count, first: (image * g.inHeight + firstRow) * g.inWidth };
        unpackFours(call, product, window, input, dx, target);
        call.release(upstream, ...product);
      }
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { taps, inputSize, outputSize, input, output } = layoutOf(g);
    return runWebGLSingle(args, (call) => {
      const x = lineSource(call, 'x', inputSize, input);
      const dy = lineSource(call, 'dy', outputSize, output);
      const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
      const gradient = new FilterGradient(call, taps, input, output);
      const tiles = outputTiles(g, quadsOf(input), quadsOf(output));
      tiles.forEach(({ image, images, row, rows, source, window }, index) => {
        const pixels = packLines(call, x, source);
        const whole = { image, images, top: row, rows, left: 0, columns: g.outWidth };
        const upstream = packLines(call, dy, whole);
        gradient.add(pixels, upstream, window, index === tiles.length - 1 ? dfilter : undefined);
        call.release(pixels, upstream);
      });
    });
  },
};
