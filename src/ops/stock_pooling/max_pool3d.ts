/**
 * 3-D max pooling of TensorFlow.js where it is wrong: on wasm, forward and backward, for windows without a positive
 * value; on cpu, backward, for windows whose height and width differ. The gradient goes to the first maximum of a
 * window.
 */
import * as tf from '@tensorflow/tfjs';
import { makeOutput, readInput } from '../../backends/cpu/adapter.js';
import { runWasmSingle } from '../../backends/wasm/adapter.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { sizeOf } from '../../kernel/sizes.js';
import { axesOf, pixelsOf, windowOf, type Pool3DInfo, type Shape5D } from './windows.js';

const forward: tf.KernelConfig = {
  kernelName: tf.MaxPool3D,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { info, shape } = windowOf(args, 'x');
    return runWasmSingle(args, ({ input, output, floats }) => {
      const [from, to] = [input('x'), output(info.outShape)];
      const [x, y] = [floats(from, sizeOf(shape)), floats(to, sizeOf(info.outShape))];
      visitMaxima(info, shape, x, (index, maximum) => {
        y[index] = maximum < 0 ? 0 : x[maximum]!;
      });
    });
  },
};

const backwardOnWasm: tf.KernelConfig = {
  kernelName: tf.MaxPool3DGrad,
  backendName: 'wasm',
  kernelFunc: (args: KernelArguments) => {
    const { info, shape } = windowOf(args, 'input');
    return runWasmSingle(args, ({ input, output, floats }) => {
      const [image, upstream, sums] = [input('input'), input('dy'), output(shape)];
      const dy = floats(upstream, sizeOf(info.outShape));
      spread(info, shape, floats(image, sizeOf(shape)), dy, floats(sums, sizeOf(shape)).fill(0));
    });
  },
};

const backwardOnCpu: tf.KernelConfig = {
  kernelName: tf.MaxPool3DGrad,
  backendName: 'cpu',
  kernelFunc: (args: KernelArguments) => {
    const { info, shape } = windowOf(args, 'input');
    const dx = new Float32Array(sizeOf(shape));
    spread(info, shape, readInput(args, 'input'), readInput(args, 'dy'), dx);
    return makeOutput(args, shape, dx);
  },
};

export const maxPool3dKernels: readonly tf.KernelConfig[] = [forward, backwardOnWasm, backwardOnCpu];

/** Adds the gradient of every output to the pixel that was its maximum. */
function spread(info: Pool3DInfo, shape: Shape5D, x: Float32Array, dy: Float32Array, dx: Float32Array): void {
  visitMaxima(info, shape, x, (index, maximum) => {
    if (maximum >= 0) dx[maximum]! += dy[index]!;
  });
}

/** Calls `visit` for every output with the index of its maximum in x; −1 if the window contains no pixel. */
function visitMaxima(
  info: Pool3DInfo,
  [batch, inDepth, inHeight, inWidth, channels]: Shape5D,
  x: Float32Array,
  visit: (index: number, maximum: number) => void,
): void {
  const [depths, rows, columns] = axesOf(info);
  let output = 0;
  for (let n = 0; n < batch; n++) {
    for (let od = 0; od < depths.out; od++) {
      const [front, back] = pixelsOf(depths, od);
      for (let oy = 0; oy < rows.out; oy++) {
        const [top, bottom] = pixelsOf(rows, oy);
        for (let ox = 0; ox < columns.out; ox++) {
          const [left, right] = pixelsOf(columns, ox);
          for (let c = 0; c < channels; c++, output++) {
            let maximum = -1;
            for (let d = front; d < back; d++) {
              for (let y = top; y < bottom; y++) {
                const row = ((n * inDepth + d) * inHeight + y) * inWidth;
                for (let at = row + left; at < row + right; at++) {
                  const index = at * channels + c;
                  if (maximum < 0 || x[index]! > x[maximum]! || Number.isNaN(x[index]!)) maximum = index;
                }
              }
            }
            visit(output, maximum);
          }
        }
      }
    }
  }
}
