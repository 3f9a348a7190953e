/**
 * Weights in fewer bytes, as TensorFlow.js's own converters store them: `tf.loadLayersModel` turns them back into float32.
 * Only files are smaller; a loaded model takes as much memory as ever.
 */
import type * as tf from '@tensorflow/tfjs';
import { packHalves } from '../kernel/half.js';
import { sizeOf } from '../kernel/sizes.js';
import { joinBytes } from './sha256.js';
import type { WeightType } from './weight_types.js';

type Entry = tf.io.WeightsManifestEntry;

const LARGEST_HALF = 65504;
/** Steps between the smallest and the largest value of a tensor in bytes. */
const STEPS = 255;

/**
 * Stores weights in another type: with `'float16'` all tensors whose values have a float16, with `'uint8'` kernels. Biases and
 * what belongs to normalisations stay float32 then, since a step of 1/255 of their range may be many times a small one of
 * them.
 *
 * @param entries names, shapes and types of the tensors
 * @param bytes values of the tensors in this order, four bytes each
 * @returns the entries that the manifest needs, and the bytes of the file
 */
export function storeWeights(
  entries: readonly Entry[],
  bytes: Uint8Array<ArrayBuffer>,
  type: WeightType,
): { readonly entries: Entry[]; readonly bytes: Uint8Array<ArrayBuffer> } {
  if (type === 'float32') return { entries: [...entries], bytes };
  let offset = 0;
  const stored = entries.map((entry) => {
    const values = new Float32Array(bytes.buffer.slice(offset, (offset += 4 * sizeOf(entry.shape))));
    if (entry.dtype !== 'float32') return { entry, bytes: values };
    return type === 'float16' ? asHalves(entry, values) : asBytes(entry, values);
  });
  return { entries: stored.map(({ entry }) => entry), bytes: joinBytes(stored.map((one) => one.bytes)) };
}

interface Stored {
  readonly entry: Entry;
  readonly bytes: ArrayBufferView;
}

function asHalves(entry: Entry, values: Float32Array): Stored {
  if (!values.every((value) => Math.abs(value) <= LARGEST_HALF)) return { entry, bytes: values };
  const even = new Float32Array(2 * Math.ceil(values.length / 2));
  even.set(values);
  const bytes = new Uint8Array(packHalves(even).buffer, 0, 2 * values.length);
  return { entry: { ...entry, quantization: { dtype: 'float16' } }, bytes };
}

function asBytes(entry: Entry, values: Float32Array): Stored {
  let [least, most] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) return { entry, bytes: values };
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (entry.shape.length < 2) return { entry, bytes: values };
  const scale = (most - least) / STEPS || 1;
  // Zero has a step of its own.
  const zero = Math.round(-least / scale);
  const bytes = Uint8Array.from(values, (value) => Math.min(Math.max(Math.round(value / scale) + zero, 0), STEPS));
  return { entry: { ...entry, quantization: { dtype: 'uint8', scale, min: -zero * scale } }, bytes };
}
