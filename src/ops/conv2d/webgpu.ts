/**
 * conv2d on WebGPU: matrix products that gather their operands themselves (src/backends/webgpu/matrix_product.ts). The
 * input gradient gathers from dy, and for strides above 1 handles each phase of the pixels (those reached by the same
 * taps) separately, so that no product is wasted.
 */
import type * as tf from '@tensorflow/tfjs';
import { allocate, hostOf, zeros, type Shader } from '../../backends/webgpu/adapter.js';
import {
  columnsProduct,
  filterProduct,
  forwardProduct,
  runColumnsProduct,
  runFilterProduct,
  runForwardProduct,
} from '../../backends/webgpu/column_products.js';
import { gridColumns } from '../../backends/webgpu/columns.js';
import { GEOMETRY, geometryUniforms, positionsOf } from '../../backends/webgpu/geometry.js';
import { halvesOf } from '../../backends/webgpu/halves.js';
import { LEFT_BY_ROWS, matrixProduct, runProduct, type Product } from '../../backends/webgpu/matrix_product.js';
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { Precision } from '../../kernel/half.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import type { HalfGeometry } from '../half_operands.js';
import { halfResult } from '../half_webgpu.js';
import { CONV2D, HALF_CONV2D } from './kernels.js';

const COLUMNS: Shader = { key: 'conv2d', inputs: ['image'], integers: GEOMETRY, code: gridColumns('single') };
const FORWARD = columnsProduct(COLUMNS);
const BACKWARD_FILTER = filterProduct(COLUMNS);

/** Rows are the pixels of a phase; depth runs over the taps that reach it and the output channels. */
const BACKWARD_INPUT = matrixProduct({
  key: 'conv2d/input',
  inputs: ['dy', 'weights'],
  integers: [...GEOMETRY, 'phaseHeight', 'phaseWidth', 'tapStepY', 'tapStepX', 'phaseTapsX'],
  code: `
    var<private> group : i32;
    var<private> phaseY : i32;
    var<private> phaseX : i32;
    // First tap that reaches the phase; beyond the kernel if there is none.
    var<private> firstTapY : i32;
    var<private> firstTapX : i32;
    var<private> batch : i32;
    var<private> y : i32;
    var<private> x : i32;
    var<private> live : bool;
    var<private> phaseTap : i32;
    var<private> entering : bool;
    var<private> channel : i32;
    var<private> tapY : i32;
    var<private> tapX : i32;
    var<private> dyAt : i32;
    var<private> rightAt : i32;

    fn firstTap(position : i32, dilation : i32, stride : i32, step : i32, kernel : i32) -> i32 {
      for (var tap = 0; tap < step; tap++) {
        if ((position - tap * dilation) % stride == 0) {
          return tap;
        }
      }
      return kernel;
    }
    fn openSlice(slice : i32, firstRow : i32) {
      group = slice % uniforms.groups;
      let phase = slice / uniforms.groups;
      phaseY = phase / uniforms.strideWidth;
      phaseX = phase % uniforms.strideWidth;
      firstTapY = firstTap(
        phaseY + uniforms.padTop,
        uniforms.dilationHeight,
        uniforms.strideHeight,
        uniforms.tapStepY,
        uniforms.kernelHeight,
      );
      firstTapX = firstTap(
        phaseX + uniforms.padLeft,
        uniforms.dilationWidth,
        uniforms.strideWidth,
        uniforms.tapStepX,
        uniforms.kernelWidth,
      );
    }
    fn openRow(row : i32) {
      let line = row / uniforms.phaseWidth;
      batch = line / uniforms.phaseHeight;
      y = (line - batch * uniforms.phaseHeight) * uniforms.strideHeight + phaseY;
      x = (row - line * uniforms.phaseWidth) * uniforms.strideWidth + phaseX;
      live = row < uniforms.rows && y < uniforms.inHeight && x < uniforms.inWidth;
    }
    // Tap of the kernel that is the nth of a phase, and if there is one.
    fn findTap(nth : i32) -> bool {
      let line = nth / uniforms.phaseTapsX;
      tapY = firstTapY + line * uniforms.tapStepY;
      tapX = firstTapX + (nth - line * uniforms.phaseTapsX) * uniforms.tapStepX;
      return tapY < uniforms.kernelHeight && tapX < uniforms.kernelWidth;
    }
    fn openTap() {
      dyAt = -1;
      if (!findTap(phaseTap) || !live) {
        return;
      }
      // Both divide exactly.
      let fromY = y + uniforms.padTop - tapY * uniforms.dilationHeight;
      let fromX = x + uniforms.padLeft - tapX * uniforms.dilationWidth;
      let outY = fromY / uniforms.strideHeight;
      let outX = fromX / uniforms.strideWidth;
      if (fromY >= 0 && fromX >= 0 && outY < uniforms.outHeight && outX < uniforms.outWidth) {
        let position = (batch * uniforms.outHeight + outY) * uniforms.outWidth + outX;
        dyAt = position * uniforms.outChannels + group * uniforms.groupOut;
      }
    }
    fn openDepth(depth : i32) {
      phaseTap = depth / uniforms.groupOut;
      channel = depth - phaseTap * uniforms.groupOut;
      entering = true;
    }
    fn readLeft() -> u32 {
      if (entering) {
        openTap();
      }
      var bits = UNREAD;
      if (dyAt >= 0) {
        bits = taken(dy[dyAt + channel]);
      }
      channel++;
      entering = channel == uniforms.groupOut;
      if (entering) {
        channel = 0;
        phaseTap++;
      }
      return bits;
    }
    ${LEFT_BY_ROWS}
    fn openRight(depth : i32) {
      rightAt = -1;
      let nth = depth / uniforms.groupOut;
      if (findTap(nth)) {
        let tap = tapY * uniforms.kernelWidth + tapX;
        let c = group * uniforms.groupOut + depth - nth * uniforms.groupOut;
        rightAt = tap * uniforms.groupIn * uniforms.outChannels + c;
      }
    }
    fn readRight(column : i32) -> f32 {
      if (rightAt < 0 || column >= uniforms.columns) {
        return 0.0;
      }
      return weights[rightAt + column * uniforms.outChannels];
    }
    fn store(slice : i32, row : i32, column : i32, sum : f32) {
      openRow(row);
      if (live) {
        let pixel = (batch * uniforms.inHeight + y) * uniforms.inWidth + x;
        result[pixel * uniforms.inChannels + group * uniforms.groupIn + column] = sum;
      }
    }`,
});

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export const forward: tf.KernelConfig = {
  kernelName: CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { x, filter, bias } = args.inputs;
    return runColumnsProduct(hostOf(args), FORWARD, [x!], filter!, bias, g, geometryUniforms(g));
  },
};

/** Forward products with a filter in half precision, made when they are first used. */
const HALF = new Map<string, Product>();

function halfProduct(image: Precision, result: Precision, bias: boolean): Product {
  const key = `${image} ${result} ${bias}`;
  const columns: Shader = {
    ...COLUMNS,
    key: image === 'half' ? 'conv2d/packed' : 'conv2d',
    halves: halvesOf({ image }),
    code: gridColumns(image),
  };
  const product = HALF.get(key) ?? forwardProduct(columns, { bias, weights: 'half', result });
  HALF.set(key, product);
  return product;
}

export const half: tf.KernelConfig = {
  kernelName: HALF_CONV2D.forward,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as HalfGeometry;
    const { x, filter, bias } = args.inputs;
    // Neighbours that share a word must lie in one group.
    const pairs = (g.outChannels / g.groups) % 2 === 0;
    return halfResult(args, pairs, (y, result) => {
      const operands = [x!, filter!, ...(bias === undefined ? [] : [bias])];
      const product = halfProduct(g.image, result, bias !== undefined);
      runForwardProduct(hostOf(args), product, operands, y, g, geometryUniforms(g));
    });
  },
};

export const backwardInput: tf.KernelConfig = {
  kernelName: CONV2D.backwardInput,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { dy, filter } = args.inputs;
    const host = hostOf(args);
    const shape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
    if (sizeOf(shape) === 0 || positionsOf(g) === 0) return zeros(host, shape);
    const phaseHeight = Math.ceil(g.inHeight / g.strideHeight);
    const phaseWidth = Math.ceil(g.inWidth / g.strideWidth);
    // Distance between taps that reach the same phase.
    const tapStepY = g.strideHeight / greatestCommonDivisor(g.strideHeight, g.dilationHeight);
    const tapStepX = g.strideWidth / greatestCommonDivisor(g.strideWidth, g.dilationWidth);
    const phaseTapsX = Math.ceil(g.kernelWidth / tapStepX);
    const size = {
      slices: g.groups * g.strideHeight * g.strideWidth,
      rows: g.batch * phaseHeight * phaseWidth,
      columns: g.inChannels / g.groups,
      depth: (Math.ceil(g.kernelHeight / tapStepY) * phaseTapsX * g.outChannels) / g.groups,
    };
    const dx = allocate(host, shape);
    const phases = { phaseHeight, phaseWidth, tapStepY, tapStepX, phaseTapsX };
    runProduct(host, BACKWARD_INPUT, [dy!, filter!], dx, size, { ...geometryUniforms(g), ...phases });
    return dx;
  },
};

export const backwardFilter: tf.KernelConfig = {
  kernelName: CONV2D.backwardFilter,
  backendName: 'webgpu',
  kernelFunc: (args: KernelArguments) => {
    const g = args.attrs as ConvGeometry;
    const { x, dy } = args.inputs;
    return runFilterProduct(hostOf(args), BACKWARD_FILTER, [x!], dy!, g, geometryUniforms(g));
  },
};
