/** Values of tensors as float32. */
import { unpackHalves } from '../../kernel/half.js';
import type { SafetensorsType, StoredTensor } from '../../support/safetensors.js';
import { toHalf } from '../onnx/half.js';

/** Types of tensors that are read as float32. */
export const FLOAT_TYPES: readonly SafetensorsType[] = ['F32', 'F16', 'BF16', 'F64'];

/** Values of a tensor of one of {@link FLOAT_TYPES}, in memory of their own. */
export function toFloat32({ dtype, bytes }: StoredTensor): Float32Array {
  // Tensors of a file start at any byte.
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === 'F64') return Float32Array.from(new Float64Array(buffer));
  if (dtype === 'BF16') return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  return dtype === 'F16' ? fromHalves(bytes) : new Float32Array(buffer);
}

/** Float16 as bytes. */
export function toHalves(values: Float32Array): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, toHalf).buffer);
}

function fromHalves(bytes: Uint8Array): Float32Array {
  const words = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  words.set(bytes);
  return unpackHalves(new Int32Array(words.buffer)).slice(0, bytes.length / 2);
}
