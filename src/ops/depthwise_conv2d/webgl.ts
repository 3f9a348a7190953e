/**
 * depthwiseConv2d on WebGL, four channels at a time. Each output channel reads an image of its own: with a multiplier,
 * the image's channels are repeated, and their gradients summed.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { inputQuads, outputQuads, quadLayout, type QuadLayout } from '../../backends/webgl/channel_quads.js';
import { shader } from '../../backends/webgl/shader.js';
import { chunksOf, sumQuads } from '../../backends/webgl/sums.js';
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEPTHWISE_CONV2D } from './kernels.js';
import { blocksShader, takesBlocks } from './webgl_blocks.js';

// Taps outside are masked rather than skipped: their product may be NaN, and a branch costs more than two texels.

/** Widths of kernels whose taps of a row are written out: a loop costs as much as a tap. */
const MOST_WRITTEN = 3;

/** Makes a shader for each width of kernels at its first use, with code for each column of taps; one for all wide ones. */
function byWidth<Made>(make: (each: (tap: (kx: string) => string) => string) => Made): (g: ConvGeometry) => Made {
  const shaders = new Map<number, Made>();
  return ({ kernelWidth }) => {
    const width = Math.min(kernelWidth, MOST_WRITTEN + 1);
    const made =
      shaders.get(width) ??
      make((tap) => {
        if (width > MOST_WRITTEN) return `for (int kx = 0; kx < kernelWidth; kx++) {${tap('kx')}}`;
        return Array.from({ length: width }, (_, kx) => `{${tap(String(kx))}}`).join('\n');
      });
    shaders.set(width, made);
    return made;
  };
}

const forwardShader = byWidth((each) =>
  shader(
    'texels',
    { image: 'quads', weights: 'quads', bias: 'quads' },
    [...GEOMETRY, 'quads', 'biased', 'activation'],
    `${ORIGIN}
vec4 value(int index) {
  int position = quotient(index, quads);
  int quad = index - position * quads;
  ivec3 origin = originOf(position);
  vec4 sum = biased == 1 ? bias(quad) : vec4(0.0);
  int by = quad;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int y = origin.y + ky * dilationHeight;
    bool inRow = y >= 0 && y < inHeight;
    int row = inRow ? (origin.x * inHeight + y) * inWidth * quads + quad : 0;
    ${each(
      (kx) => `
      int x = origin.z + ${kx} * dilationWidth;
      bool inside = inRow && x >= 0 && x < inWidth;
      vec4 product = image(inside ? row + x * quads : 0) * weights(by);
      sum += mix(vec4(0.0), product, bvec4(inside));
      by += quads;`,
    )}
  }
  // A NaN is neither below nor above.
  if (activation > 0) sum = mix(sum, vec4(0.0), lessThan(sum, vec4(0.0)));
  if (activation == 2) sum = mix(sum, vec4(6.0), greaterThan(sum, vec4(6.0)));
  return sum;
}`,
  ),
);

const inputShader = byWidth((each) =>
  shader(
    'texels',
    { upstream: 'quads', weights: 'quads' },
    [...GEOMETRY, 'quads'],
    `
vec4 value(int index) {
  int pixel = quotient(index, quads);
  int quad = index - pixel * quads;
  int line = quotient(pixel, inWidth);
  int image = quotient(line, inHeight);
  int x = pixel - line * inWidth + padLeft;
  int y = line - image * inHeight + padTop;
  vec4 sum = vec4(0.0);
  int by = quad;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int down = y - ky * dilationHeight;
    int row = strideHeight == 1 ? down : quotient(max(down, 0), strideHeight);
    bool inRows = row * strideHeight == down && row >= 0 && row < outHeight;
    int from = inRows ? (image * outHeight + row) * outWidth * quads + quad : 0;
    ${each(
      (kx) => `
      int right = x - ${kx} * dilationWidth;
      int column = strideWidth == 1 ? right : quotient(max(right, 0), strideWidth);
      bool inside = inRows && column * strideWidth == right && column >= 0 && column < outWidth;
      vec4 product = upstream(inside ? from + column * quads : 0) * weights(by);
      sum += mix(vec4(0.0), product, bvec4(inside));
      by += quads;`,
    )}
  }
  return sum;
}`,
  ),
);

/** Sums over chunks of positions, [chunks, taps, quads]. */
const filterShader = shader(
  'texels',
  { image: 'quads', upstream: 'quads' },
  [...GEOMETRY, 'quads', 'rows', 'extent'],
  `${ORIGIN}
vec4 value(int index) {
  int row = quotient(index, quads);
  int quad = index - row * quads;
  int chunk = quotient(row, kernelHeight * kernelWidth);
  int tap = row - chunk * kernelHeight * kernelWidth;
  int start = chunk * extent;
  int end = min(start + extent, rows);
  int ky = quotient(tap, kernelWidth);
  int down = ky * dilationHeight;
  int right = (tap - ky * kernelWidth) * dilationWidth;
  int endX = outWidth * strideWidth - padLeft + right;
  ivec3 at = originOf(start) + ivec3(0, down, right);
  vec4 sum = vec4(0.0);
  for (int position = start; position < end; position++) {
    bool inside = at.y >= 0 && at.y < inHeight && at.z >= 0 && at.z < inWidth;
    int pixel = inside ? (at.x * inHeight + at.y) * inWidth + at.z : 0;
    vec4 product = image(pixel * quads + quad) * upstream(position * quads + quad);
    sum += mix(vec4(0.0), product, bvec4(inside));
    at.z += strideWidth;
    if (at.z == endX) {
      at.z = right - padLeft;
      at.y += strideHeight;
      if (at.y == outHeight * strideHeight - padTop + down) {
        at.y = down - padTop;
        at.x++;
      }
    }
  }
  return sum;
}`,
);

/** Quads of the image, of the filter and of the output. */
function layoutsOf(g: ConvGeometry): Readonly<Record<'image' | 'filter' | 'bias' | 'output', QuadLayout>> {
  const { inChannels, outChannels } = g;
  return {
    image: quadLayout(g.batch * g.inHeight * g.inWidth, outChannels, 1, outChannels / inChannels),
    filter: quadLayout(g.kernelHeight * g.kernelWidth, outChannels),
    bias: quadLayout(1, outChannels),
    output: quadLayout(g.batch * g.outHeight * g.outWidth, outChannels),
  };
}

export const forward: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const layouts = layoutsOf(g);
      const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
      const weights = inputQuads(call, 'filter', layouts.filter);
      const biased = args.inputs['bias'] === undefined ? 0 : 1;
      const bias = biased === 1 ? inputQuads(call, 'bias', layouts.bias) : weights;
      const activation = FUSED_ACTIVATIONS.indexOf(g.activation ?? 'linear');
      const ints = { ...g, quads: layouts.output.quads, biased, activation };
      if (takesBlocks(call, g)) {
        const image = call.stored('x').surface;
        call.draw(blocksShader(g), { inputs: { image, weights, bias }, ints, target: call.outputBlocks(shape) });
        return;
      }
      const image = inputQuads(call, 'x', layouts.image);
      const y = outputQuads(call, shape, layouts.output);
      call.draw(forwardShader(g), { inputs: { image, weights, bias }, ints, target: y.quads });
      y.finish();
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardInput,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const layouts = layoutsOf(g);
      const upstream = inputQuads(call, 'dy', layouts.output);
      const weights = inputQuads(call, 'filter', layouts.filter);
      const dx = outputQuads(call, [g.batch, g.inHeight, g.inWidth, g.inChannels], layouts.image);
      const ints = { ...g, quads: layouts.output.quads };
      call.draw(inputShader(g), { inputs: { upstream, weights }, ints, target: dx.quads });
      dx.finish();
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEPTHWISE_CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    return runWebGLSingle(args, (call) => {
      const layouts = layoutsOf(g);
      const inputs = { image: inputQuads(call, 'x', layouts.image), upstream: inputQuads(call, 'dy', layouts.output) };
      const chunks = chunksOf(layouts.output.pixels);
      const { quads } = layouts.filter;
      const partial = call.quads(chunks.count * layouts.filter.pixels * quads);
      call.draw(filterShader, { inputs, ints: { ...g, ...chunks, quads }, target: partial });
      const multiplier = g.outChannels / g.inChannels;
      const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels, multiplier]);
      sumQuads(call, partial, chunks, layouts.filter, dfilter);
    });
  },
};
