/**
 * deformConv2d on WebGL: bilinear columns tile by tile and matrix products; without columns if it is depthwise
 * (webgl_depthwise.ts). The image gradient scatters to arbitrary addresses, which WebGL shaders cannot do: see webgl_scatter.ts.
 */
import type * as tf from '@tensorflow/tfjs';
import { runWebGL, runWebGLSingle, type WebGLCall } from '../../backends/webgl/adapter.js';
import { takeLanes } from '../../backends/webgl/lanes.js';
import { holeOf, multiply, unpackMatrices } from '../../backends/webgl/matrix.js';
import { packFilter, packOutput, sizesOf } from '../../backends/webgl/operands.js';
import type { Surface } from '../../backends/webgl/program.js';
import { positionTiles, type Tile } from '../../backends/webgl/tiles.js';
import { isDepthwise } from '../../kernel/geometry.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { DEFORM_CONV2D, type DeformGeometry } from './kernels.js';
import { depthwiseBackwardData, depthwiseBackwardFilter, depthwiseForward } from './webgl_depthwise.js';
import { uniformsOf } from './webgl_samples.js';
import { imageGradient } from './webgl_scatter.js';
import { gatherShader, samplesShader } from './webgl_shaders.js';

/** Columns [groups, rows, depth] of a tile. */
function gather(
  call: WebGLCall,
  sampled: Record<'image' | 'offset' | 'mask', Surface>,
  g: DeformGeometry,
  { first, rows }: Tile,
): Surface {
  const { depth } = sizesOf(g);
  const target = call.blocks(g.groups, rows, depth);
  const ints = { ...uniformsOf(g), depth, first, end: first + rows };
  call.draw(gatherShader, { inputs: sampled, ints, floats: holeOf(call.precise), target });
  return target;
}

function sampledOf(call: WebGLCall): Record<'image' | 'offset' | 'mask', Surface> {
  return { image: call.input('x'), offset: call.input('offset'), mask: call.input('mask') };
}

export const forward: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.forward,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    return runWebGLSingle(args, (call) => {
      if (isDepthwise(g)) {
        depthwiseForward(call, g, args.inputs['bias'] !== undefined);
        return;
      }
      const sampled = sampledOf(call);
      const y = call.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
      const bias = args.inputs['bias'] && call.input('bias');
      const filter = packFilter(call, call.input('filter'), g);
      const { depth, width } = sizesOf(g);
      for (const tile of positionTiles(g)) {
        const columns = gather(call, sampled, g, tile);
        const sizes = [g.groups, tile.rows, depth, width] as const;
        const product = multiply(call, columns, filter, sizes, { hole: holeOf(call.precise).hole });
        unpackMatrices(call, product, [g.groups, tile.rows, width], y, tile.first, bias);
        call.release(columns, product);
      }
    });
  },
};

export const backwardData: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardData,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const samples = g.offsetGroups * g.kernelHeight * g.kernelWidth;
    const outputGrid = [g.batch, g.outHeight, g.outWidth];
    return runWebGL(args, (call) => {
      if (isDepthwise(g)) {
        depthwiseBackwardData(call, g);
        return;
      }
      const sampled = sampledOf(call);
      const [upstream, weights] = [call.input('dy'), call.input('filter')];
      const filter = packFilter(call, weights, g);
      const dx = imageGradient(call, g, sampled);
      const doffset = call.output([...outputGrid, samples * 2]);
      const dmask = g.modulated ? call.output([...outputGrid, samples]) : undefined;
      for (const tile of positionTiles(g)) {
        const { first, rows } = tile;
        const columns = columnGradients(call, upstream, filter, g, tile);
        const source = { columns, upstream, weights };
        const gradients = call.texels(rows * samples);
        const ints = { ...uniformsOf(g), first };
        call.draw(samplesShader, { inputs: { ...sampled, ...source }, ints, target: gradients });
        const range = [first * samples, (first + rows) * samples] as const;
        takeLanes(call, gradients, { lane: 0, count: 2 }, doffset, range);
        if (dmask !== undefined) takeLanes(call, gradients, { lane: 2, count: 1 }, dmask, range);
        dx.add(source, tile);
        call.release(gradients, columns);
      }
      dx.finish();
    });
  },
};

/** Gradients of a tile's columns, [groups, rows, depth]. */
function columnGradients(call: WebGLCall, dy: Surface, filter: Surface, g: DeformGeometry, tile: Tile): Surface {
  const upstream = packOutput(call, dy, g, tile);
  const { depth, width } = sizesOf(g);
  const sizes = [g.groups, tile.rows, width, depth] as const;
  const columns = multiply(call, upstream, filter, sizes, { transposed: 'right' });
  call.release(upstream);
  return columns;
}

export const backwardFilter: tf.KernelConfig = {
  kernelName: DEFORM_CONV2D.backwardFilter,
  backendName: 'webgl',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as DeformGeometry;
    const filterShape = [g.kernelHeight, g.kernelWidth, g.inChannels / g.groups, g.outChannels];
    return runWebGLSingle(args, (call) => {
      if (isDepthwise(g)) {
        depthwiseBackwardFilter(call, g);
        return;
      }
      const sampled = sampledOf(call);
      const dy = call.input('dy');
      const dfilter = call.output(filterShape);
      const { depth, width } = sizesOf(g);
      let sum: Surface | undefined;
      for (const tile of positionTiles(g)) {
        const columns = gather(call, sampled, g, tile);
        const upstream = packOutput(call, dy, g, tile);
        const sizes = [g.groups, depth, tile.rows, width] as const;
        const options = { transposed: 'left', addend: sum, hole: holeOf(call.precise).hole } as const;
        const next = multiply(call, columns, upstream, sizes, options);
        call.release(columns, upstream, ...(sum ? [sum] : []));
        sum = next;
      }
      unpackMatrices(call, sum!, [g.groups, depth, width], dfilter);
    });
  },
};
