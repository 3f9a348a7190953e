/** Results of convolutions in half precision on WebGPU. */
import type * as tf from '@tensorflow/tfjs';
import { allocate, allocateHalves, dispose, hostOf } from '../backends/webgpu/adapter.js';
import type { Precision } from '../kernel/half.js';
import type { KernelArguments } from '../kernel/kernel_arguments.js';
import type { HalfGeometry } from './half_operands.js';
import { packedShape } from './pack_half/shapes.js';
import { packed } from './pack_half/webgpu.js';

/**
 * Allocates the result of a convolution, has it computed, and returns it in the precision of the geometry.
 *
 * @param pairs true if the shader can write packed halves; if not, they are packed afterwards
 * @param compute writes a result of this precision
 */
export function halfResult(
  args: KernelArguments,
  pairs: boolean,
  compute: (y: tf.TensorInfo, precision: Precision) => void,
): tf.TensorInfo {
  const g = args.attrs as HalfGeometry;
  const host = hostOf(args);
  const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
  if (g.result === 'half' && pairs) {
    const y = allocateHalves(host, packedShape(shape));
    compute(y, 'half');
    return y;
  }
  const y = allocate(host, shape);
  compute(y, 'single');
  if (g.result === 'single') return y;
  const words = packed(host, y);
  dispose(host, y);
  return words;
}
