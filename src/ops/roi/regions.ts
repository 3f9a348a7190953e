/** Boxes as arguments: checked in the operator, read by the kernels that plan on the CPU. */
import * as tf from '@tensorflow/tfjs';
import { rangeError, typeError, type Action } from '../../errors.js';
import type { KernelArguments } from '../../kernel/kernel_arguments.js';
import { checkFloatTensor, checkShape } from '../checks.js';
import type { Regions } from './plan.js';

/** Backends whose values can be read without waiting for a device. */
const HOST_BACKENDS: readonly string[] = ['cpu', 'wasm', 'tensorflow'];

/**
 * Returns the number of boxes. Throws unless `boxes` [k, 4] and `boxIndices` [k] match and, on backends whose values
 * can be read at once, every box is finite and belongs to an image of the batch. On the others an invalid box reads
 * nothing.
 */
export function checkRegions(action: Action, boxes: unknown, boxIndices: unknown, batch: number): number {
  const [count] = checkFloatTensor(action, 'boxes', boxes, [2]).shape as [number];
  const corners = checkShape(action, 'boxes', boxes, [count, 4], '[k, 4]');
  if (!(boxIndices instanceof tf.Tensor)) {
    throw typeError(action, 'boxIndices must be a tensor', 'boxIndices', boxIndices);
  }
  if (boxIndices.dtype !== 'int32') {
    throw typeError(action, 'boxIndices must be an int32 tensor', 'boxIndices.dtype', boxIndices.dtype);
  }
  const indices = boxIndices as tf.Tensor;
  if (indices.rank !== 1 || indices.shape[0] !== count) {
    throw rangeError(action, `boxIndices must have shape [k] = [${count}]`, 'boxIndices.shape', indices.shape);
  }
  if (HOST_BACKENDS.includes(tf.getBackend())) checkValues(action, corners, indices, batch);
  return count;
}

function checkValues(action: Action, boxes: tf.Tensor, boxIndices: tf.Tensor, batch: number): void {
  const corners = boxes.dataSync();
  boxIndices.dataSync().forEach((image, box) => {
    if (image < 0 || image >= batch) {
      throw rangeError(action, `boxIndices must be indices into a batch of ${batch}`, `boxIndices[${box}]`, image);
    }
    const box4 = [...corners.subarray(box * 4, box * 4 + 4)];
    if (!box4.every(Number.isFinite)) throw rangeError(action, 'boxes must be finite', `boxes[${box}]`, box4);
  });
}

/** Reads the values that a plan is computed from; every backend that plans on the CPU can read them at once. */
export function readRegions({ inputs }: KernelArguments, deformed: boolean): Regions {
  const read = (name: string): tf.TypedArray => tf.engine().readSync(inputs[name]!.dataId) as tf.TypedArray;
  const regions = { boxes: read('boxes'), indices: read('boxIndices') };
  return deformed ? { ...regions, offset: read('offset') } : regions;
}
