/** Outputs of kernels that were recorded on a graphics device. */
import type * as tf from '@tensorflow/tfjs';
import type { DeviceInput } from './device_recorder.js';

/** An output: an input, an earlier output, values on the CPU, or memory on the device as `Placed` says. */
export type RecordedOutput<Placed extends object> = Pick<tf.TensorInfo, 'shape' | 'dtype'> &
  ({ readonly input: number } | { readonly output: number } | { readonly values: unknown } | Placed);

/** Backend that makes tensors. */
interface OutputBackend {
  incRef(dataId: object): void;
  makeTensorInfo(shape: readonly number[], dtype: tf.DataType, values?: unknown): tf.TensorInfo;
}

/**
 * Describes the outputs of a recorded run.
 *
 * @param locate returns the location of data that is neither an operand nor an earlier output
 */
export function describeOutputs<Placed extends object>(
  outputs: readonly tf.Tensor[],
  operands: readonly tf.Tensor[],
  locate: (dataId: object) => Placed | { readonly values: unknown },
): RecordedOutput<Placed>[] {
  const ids = outputs.map(({ dataId }) => dataId);
  return outputs.map(({ shape, dtype, dataId }, index): RecordedOutput<Placed> => {
    const input = operands.findIndex((operand) => operand.dataId === dataId);
    if (input >= 0) return { shape, dtype, input };
    const first = ids.indexOf(dataId);
    if (first < index) return { shape, dtype, output: first };
    return { shape, dtype, ...locate(dataId) };
  });
}

/**
 * Makes the outputs of a replay.
 *
 * @param place returns new data for an output that lies on the device
 */
export function makeOutputs<Placed extends object>(
  backend: OutputBackend,
  outputs: readonly RecordedOutput<Placed>[],
  inputs: readonly DeviceInput[],
  place: (index: number) => object,
): tf.TensorInfo[] {
  const infos: tf.TensorInfo[] = [];
  outputs.forEach((recorded, index) => {
    const { dtype, input, output } = recorded as tf.TensorInfo & { readonly input?: number; readonly output?: number };
    const shape = [...recorded.shape];
    const known = input === undefined ? output !== undefined && infos[output] : inputs[input]!.tensor;
    if (known) {
      backend.incRef(known.dataId);
      infos.push({ dataId: known.dataId, shape, dtype });
    } else if ('values' in recorded) {
      infos.push(backend.makeTensorInfo(shape, dtype, recorded.values));
    } else {
      infos.push({ dataId: place(index), shape, dtype });
    }
  });
  return infos;
}
