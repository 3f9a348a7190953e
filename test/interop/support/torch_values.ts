/** Networks of PyTorch: the state dicts and logits that torch_fixtures/make_torch_networks.py has recorded. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { encodeSafetensors, type StoredTensor } from '../../../src/support/safetensors.js';

const FILE = path.join(__dirname, '../torch_fixtures/torch_networks.json.gz');

/** A network of torchvision or timm. */
export interface TorchNetwork {
  readonly library: 'torchvision' | 'timm';
  readonly network: string;
  /** Shape of the images, channels first. */
  readonly images: readonly [number, number, number, number];
  /** Shapes of the tensors of its state dict. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  /** [images, classes], flat; of segmentation [images, rows, columns, classes], of every 32nd row and column. */
  readonly logits: readonly number[];
}

const { networks } = JSON.parse(gunzipSync(fs.readFileSync(FILE)).toString()) as {
  readonly networks: readonly TorchNetwork[];
};

export { networks as torchNetworks };

/** Numbers in [0, 1): the hash FNV-1a of the name, and with each index the finalizer of MurmurHash3. */
function uniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    let x = (Math.imul(index, 0x9e3779b9) + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    numbers[index] = ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  }
  return numbers;
}

/** Values of a tensor. */
function valuesOf(name: string, shape: readonly number[]): Float32Array {
  const u = uniform(name, tf.util.sizeFromShape([...shape]));
  if (shape.length >= 2) {
    const reach = Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)));
    return Float32Array.from(u, (value) => (2 * value - 1) * reach);
  }
  if (/(weight|running_var)$/.test(name)) return Float32Array.from(u, (value) => 0.5 + value);
  return Float32Array.from(u, (value) => 0.4 * (value - 0.5));
}

/** The state dict of a network. */
export function stateDict({ tensors }: TorchNetwork): StoredTensor[] {
  return Object.entries(tensors).map(([name, shape]) => {
    if (name.endsWith('num_batches_tracked')) return { name, dtype: 'I64', shape, bytes: new Uint8Array(8) };
    return { name, dtype: 'F32', shape, bytes: new Uint8Array(valuesOf(name, shape).buffer) };
  });
}

/** A state dict as a file. */
export function stateFile(tensors: readonly StoredTensor[]): Uint8Array {
  return encodeSafetensors({ metadata: { format: 'pt' }, tensors });
}

/** The images of the logits of a network, [images, height, width, channels]. */
export function torchImages({ images }: TorchNetwork): tf.Tensor4D {
  const values = Float32Array.from(uniform('images', tf.util.sizeFromShape([...images])), (value) => 2 * value - 1);
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, [...images]), [0, 2, 3, 1]));
}
