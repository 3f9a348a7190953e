/** conv2d on WebGL: columns tile by tile, matrix products, and the adjoint of the columns as sums over the taps. */
import type * as tf from '@tensorflow/tfjs';
import { runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { multiply, unpackMatrices } from '../../backends/webgl/matrix.js';
import { packFilter, packOutput, sizesOf } from '../../backends/webgl/operands.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import { inputTiles, positionTiles, type Tile } from '../../backends/webgl/tiles.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { CONV2D } from './kernels.js';

/** Columns [groups, rows, depth] of a tile: the values that every tap of every position reads. */
function gather(call: WebGLCall, image: Surface, g: ConvGeometry, { first, rows }: Tile): Surface {
  const { depth } = sizesOf(g);
  const target = call.blocks(g.groups, rows, depth);
  call.draw(gatherShader, { inputs: { image }, ints: { ...g, depth, first, end: first + rows }, target });
  return target;
}

const gatherShader = shader(
  'blocks',
  { image: 'flat' },
  [...GEOMETRY, 'depth', 'first', 'end'],
  `${ORIGIN}
// Distance in pixels from the first tap, and channel within the group; −1 past the end of the columns.
ivec3 tapOf(int column) {
  int groupIn = inChannels / groups;
  int tap = column / groupIn;
  return ivec3(
    tap / kernelWidth * dilationHeight,
    tap % kernelWidth * dilationWidth,
    column < depth ? column % groupIn : -1
  );
}
float read(ivec3 origin, ivec3 tap, int group) {
  int y = origin.y + tap.x;
  int x = origin.z + tap.y;
  if (origin.x < 0 || tap.z < 0 || y < 0 || y >= inHeight || x < 0 || x >= inWidth) return 0.0;
  return image(((origin.x * inHeight + y) * inWidth + x) * inChannels + group * (inChannels / groups) + tap.z);
}
vec4 block(int group, int row, int column) {
  ivec3 upper = originOf(first + row);
  ivec3 lower = first + row + 1 < end ? originOf(first + row + 1) : ivec3(-1);
  ivec3 left = tapOf(column);
  ivec3 right = tapOf(column + 1);
  return vec4(read(upper, left, group), read(upper, right, group), read(lower, left, group), read(lower, right, group));
}`,
);

/** Adjoint of the columns: every element of the image is the sum of the column entries that read it. */
const foldShader = shader(
  'flat',
  { columns: 'blocks' },
  [...GEOMETRY, 'first'],
  `
float value(int index) {
  int pixel = index / inChannels;
  int channel = index % inChannels;
  int groupIn = inChannels / groups;
  int group = channel / groupIn;
  int x = pixel % inWidth + padLeft;
  int y = pixel / inWidth % inHeight + padTop;
  int image = pixel / inWidth / inHeight;
  float sum = 0.0;
  for (int ky = 0; ky < kernelHeight; ky++) {
    int down = y - ky * dilationHeight;
    if (down < 0 || down % strideHeight != 0 || down / strideHeight >= outHeight) continue;
    int row = (image * outHeight + down / strideHeight) * outWidth;
    for (int kx = 0; kx < kernelWidth; kx++) {
      int right = x - kx * dilationWidth;
      if (right < 0 || right % strideWidth != 0 || right / strideWidth >= outWidth) continue;
      int tap = ky * kernelWidth + kx;
      sum += columns(group, row + right / strideWidth - first, tap * groupIn + channel % groupIn);
    }
  }
  return sum;
}`,
);

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { depth, width } = sizesOf(g);
    return runWebGLSingle(args, (call) => {
      const x = call.input('x');
      const filter = packFilter(call, call.input('filter'), g);
      const bias = args.inputs['bias'] && call.input('bias');
      const y = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      for (const tile of positionTiles(g)) {
        const columns = gather(call, x, g, tile);
        const product = multiply(call, columns, filter, [g.groups, tile.rows, depth, width]);
        unpackMatrices(call, product, [g.groups, tile.rows, width], y, tile.first, bias);
        call.release(columns, product);
      }
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { depth, width } = sizesOf(g);
    const rowSize = g.inWidth * g.inChannels;
    return runWebGLSingle(args, (call) => {
      const dy = call.input('dy');
      const filter = packFilter(call, call.input('filter'), g);
      const dx = call.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      for (const tile of inputTiles(g)) {
        const upstream = packOutput(call, dy, g, tile);
        const sizes = [g.groups, tile.rows, width, depth] as const;
        const columns = multiply(call, upstream, filter, sizes, { transposed: 'right' });
        const draw = { inputs: { columns }, ints: { ...g, first: tile.first }, target: dx };
        call.draw(foldShader, draw, tile.firstRow * rowSize, (tile.firstRow + tile.rowCount) * rowSize);
        call.release(upstream, columns);
      }
    });
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { depth, width } = sizesOf(g);
    return runWebGLSingle(args, (call) => {
      const [x, dy] = [call.input('x'), call.input('dy')];
      let sum: Surface | undefined;
      for (const tile of positionTiles(g)) {
        const columns = gather(call, x, g, tile);
        const upstream = packOutput(call, dy, g, tile);
        const sizes = [g.groups, depth, tile.rows, width] as const;
        const next = multiply(call, columns, upstream, sizes, { transposed: 'left', addend: sum });
        call.release(columns, upstream, ...(sum ? [sum] : []));
        sum = next;
      }
      const dfilter = call.output([g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels]);
      unpackMatrices(call, sum!, [g.groups, depth, width], dfilter);
    });
  },
};
