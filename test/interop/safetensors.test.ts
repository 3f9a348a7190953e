/** Weights in safetensors files: names, order of axes, types, and files that must be refused. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { zipSync } from 'fflate';
import * as conv from '../../src/index.js';
import {
  exportSafetensors,
  loadSafetensors,
  SafetensorsError,
  saveSafetensors,
  type LoadSafetensorsOptions,
} from '../../src/interop/index.js';
import { loadSafetensors as loadInBrowser } from '../../src/interop/browser.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src/support/safetensors.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { randomize } from './support/small_model.js';

const inFolder = temporaryFolder();
beforeAll(() => tf.setBackend('cpu'));

/** Convolutions of every kind, whose kernels have no two equal sizes, a nested model and a dense layer. */
function kinds(): tf.LayersModel {
  const { layers } = conv;
  const head = tf.sequential({
    name: 'head',
    layers: [tf.layers.dense({ name: 'scores', units: 3, inputShape: [10] })],
  });
  return tf.sequential({
    layers: [
      layers.conv2d({ name: 'full', filters: 4, kernelSize: [2, 3], inputShape: [9, 9, 6], useBias: false }),
      layers.batchNormalization({ name: 'norm' }),
      layers.depthwiseConv2d({ name: 'depthwise', kernelSize: [3, 2], depthMultiplier: 2 }),
      layers.groupedConv2d({ name: 'grouped', filters: 6, kernelSize: 1, groups: 2 }),
      layers.conv2dTranspose({ name: 'transposed', filters: 10, kernelSize: [2, 3] }),
      tf.layers.globalAveragePooling2d({}),
      head,
    ],
  });
}

const MODULES = {
  full: 'features.0',
  norm: 'features.1',
  depthwise: 'features.2',
  grouped: 'features.3',
  transposed: 'features.4',
  'head/scores': 'classifier',
};

const TORCH_SHAPES = {
  'features.0.weight': [4, 6, 2, 3],
  'features.1.weight': [4],
  'features.1.bias': [4],
  'features.1.running_mean': [4],
  'features.1.running_var': [4],
  'features.1.num_batches_tracked': [],
  'features.2.weight': [8, 1, 3, 2],
  'features.2.bias': [8],
  'features.3.weight': [6, 4, 1, 1],
  'features.3.bias': [6],
  'features.4.weight': [6, 10, 2, 3],
  'features.4.bias': [10],
  'classifier.weight': [3, 10],
  'classifier.bias': [3],
};

function read(bytes: Uint8Array): Map<string, StoredTensor> {
  const { tensors } = decodeSafetensors(bytes, (rule) => {
    throw new Error(rule);
  });
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function write(...tensors: readonly StoredTensor[]): Uint8Array {
  return encodeSafetensors({ metadata: {}, tensors });
}

const float32 = (name: string, shape: readonly number[], values: readonly number[]): StoredTensor => ({
  name,
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

const valuesOf = (model: tf.LayersModel): number[][] => model.weights.map((weight) => [...weight.read().dataSync()]);

/** A model with a weight `edges/kernel` [1, 2, 1, 1]. */
const edges = (): tf.LayersModel =>
  tf.sequential({
    layers: [
      conv.layers.conv2d({ name: 'edges', filters: 1, kernelSize: [1, 2], useBias: false, inputShape: [4, 4, 1] }),
    ],
  });
const EDGES = { names: { edges: 'conv' } } as const;

async function refused(bytes: Uint8Array, model = edges(), options: LoadSafetensorsOptions = EDGES): Promise<Error> {
  const before = valuesOf(model);
  const error = await loadSafetensors(model, bytes, options).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  expect(valuesOf(model)).toEqual(before);
  return error!;
}

describe('exportSafetensors() and loadSafetensors()', () => {
  test('name each tensor of a layer of several convolutions once, and read them back', async () => {
    const build = (): tf.LayersModel => {
      const inputShape = [4, 4, 2];
      const layer = conv.layers.atrousSpatialPyramidPooling({ name: 'aspp', filters: 2, rates: [1, 2], inputShape });
      return tf.sequential({ layers: [layer] });
    };
    const [model, other] = [build(), build()];
    randomize(model);
    const names = { aspp: 'head' };
    const bytes = exportSafetensors(model, { names });
    expect([...read(bytes).keys()].filter((name) => /variance|tracked/.test(name))).toEqual(
      ['point', 'rate_1', 'rate_2', 'pool', 'project'].map((branch) => `head.${branch}_moving_variance`),
    );
    await loadSafetensors(other, bytes, { names });
    expect(valuesOf(other)).toEqual(valuesOf(model));
  });

  test('write kernels in the order of PyTorch, and read them back', async () => {
    const [model, other] = [kinds(), kinds()];
    randomize(model);
    const bytes = exportSafetensors(model, { names: MODULES });
    const tensors = read(bytes);
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual(TORCH_SHAPES);
    await loadSafetensors(other, bytes, { names: MODULES });
    expect(valuesOf(other)).toEqual(valuesOf(model));

    const kernel = model.getLayer('depthwise').weights[0]!.read();
    const stored = tf.tensor(
      new Float32Array(Uint8Array.from(tensors.get('features.2.weight')!.bytes).buffer),
      [8, 1, 3, 2],
    );
    // Channel c and multiplier m are output channel 2c + m.
    const [y, x, c, m] = [2, 1, 3, 0];
    expect(stored.bufferSync().get(2 * c + m, 0, y, x)).toBe(kernel.bufferSync().get(y, x, c, m));
  });

  test('take names of weights from a function, and the names and order of Keras', async () => {
    const [model, other] = [kinds(), kinds()];
    randomize(model);
    const names = (weight: string): string => `mine.${weight.replace('/', ':')}`;
    const bytes = exportSafetensors(model, { names, layout: 'keras' });
    expect(read(bytes).get('mine.full:kernel')!.shape).toEqual([2, 3, 6, 4]);
    await loadSafetensors(other, bytes, { names, layout: 'keras' });
    expect(valuesOf(other)).toEqual(valuesOf(model));
    const keras = read(exportSafetensors(model, { names: 'keras' }));
    expect([...keras.keys()].filter((name) => /kernel$/.test(name)).sort()).toEqual([
      'depthwise/depthwise_kernel',
      'full/kernel',
      'grouped/kernel',
      'head/scores/kernel',
      'transposed/kernel',
    ]);
    expect(keras.get('depthwise/depthwise_kernel')!.shape).toEqual([3, 2, 4, 2]);
  });

  test('read half, bfloat and double precision, at any byte of the file', async () => {
    const model = edges();
    // 1.5 and −2, after a tensor of one byte.
    const types: readonly (readonly [StoredTensor['dtype'], ArrayBufferView])[] = [
      ['F16', Uint16Array.of(0x3e00, 0xc000)],
      ['BF16', Uint16Array.of(0x3fc0, 0xc000)],
      ['F64', Float64Array.of(1.5, -2)],
      ['F32', Float32Array.of(1.5, -2)],
    ];
    for (const [dtype, { buffer }] of types) {
      const bytes = new Uint8Array(buffer as ArrayBuffer);
      const header = JSON.stringify({
        first: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
        'conv.weight': { dtype, shape: [1, 1, 1, 2], data_offsets: [1, 1 + bytes.length] },
      });
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      const file = Buffer.concat([length, Buffer.from(header), Buffer.alloc(1), bytes]);
      const { loaded, unknown } = await loadSafetensors(model, file, { ...EDGES, skipMismatch: true });
      expect([loaded, unknown]).toEqual([1, ['first [1]']]);
      expect(valuesOf(model)).toEqual([[1.5, -2]]);
    }
  });

  test('store kernels in half precision on request, and refuse those that do not fit', async () => {
    const model = kinds();
    randomize(model);
    const bytes = exportSafetensors(model, { names: MODULES, weights: 'float16' });
    const types = [...read(bytes).values()].map(({ name, dtype, shape }) => [name, shape.length > 1, dtype]);
    expect(types.filter(([, isKernel, dtype]) => (isKernel === true) !== (dtype === 'F16'))).toEqual([]);
    const other = kinds();
    await loadSafetensors(other, bytes, { names: MODULES });
    const [wanted, found] = [valuesOf(model).flat(), valuesOf(other).flat()];
    expect(Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!) / Math.abs(value)))).toBeLessThan(2 ** -11);
    model.weights[0]!.write(tf.fill(model.weights[0]!.shape as number[], 1e5));
    expect(() => exportSafetensors(model, { names: MODULES, weights: 'float16' })).toThrow(
      'kernels must be at most 65504 for float16, received full/kernel = 100000',
    );
  });

  test('take the kernel of a linear module for a 1×1 convolution, and the reverse', async () => {
    const model = tf.sequential({
      layers: [
        conv.layers.pointwiseConv2d({ name: 'a', filters: 2, useBias: false, inputShape: [1, 1, 3] }),
        tf.layers.flatten(),
        tf.layers.dense({ name: 'b', units: 1, useBias: false }),
      ],
    });
    const file = write(float32('a.weight', [2, 3], [1, 2, 3, 4, 5, 6]), float32('b.weight', [1, 2, 1, 1], [7, 8]));
    await loadSafetensors(model, file, { names: { a: 'a', b: 'b' } });
    expect(valuesOf(model)).toEqual([[1, 4, 2, 5, 3, 6], [7, 8]]); // prettier-ignore
  });

  test('load a trunk without its head, and say what was left', async () => {
    const options = { inputShape: [32, 32, 3], alpha: 0.35, variant: 'torchvision' as const };
    const bytes = exportSafetensors(conv.mobileNetV2({ ...options, classes: 5 }), { names: 'torchvision' });
    const names = 'torchvision';
    const { loaded, misshapen } = await loadSafetensors(conv.mobileNetV2({ ...options, classes: 3 }), bytes, {
      names,
      skipMismatch: true,
    });
    expect(loaded).toBe(260);
    expect(misshapen).toEqual([
      'predictions/kernel (classifier.1.weight) is [5, 1280] in the file and must be [3, 1280]',
      'predictions/bias (classifier.1.bias) is [5] in the file and must be [3]',
    ]);
  });

  test('read a file, and in a browser its bytes', async () => {
    const model = edges();
    const file = inFolder('edges.safetensors');
    await saveSafetensors(model, file, EDGES);
    expect(fs.readdirSync(inFolder('.'))).toEqual(['edges.safetensors']);
    const [fromFile, fromBytes] = [edges(), edges()];
    await loadSafetensors(fromFile, file, EDGES);
    await loadInBrowser(fromBytes, fs.readFileSync(file).buffer.slice(0), EDGES).catch(() => undefined);
    const bytes = Uint8Array.from(fs.readFileSync(file));
    await loadInBrowser(fromBytes, bytes.buffer, EDGES);
    for (const each of [fromFile, fromBytes]) expect(valuesOf(each)).toEqual(valuesOf(model));
    await expect(loadInBrowser(model, file as unknown as Uint8Array, EDGES)).rejects.toThrow(
      'file must be a Uint8Array or an ArrayBuffer',
    );
    await expect(saveSafetensors(model, inFolder('edges.pt'), EDGES)).rejects.toThrow('must end in .safetensors');
    await expect(loadSafetensors(model, inFolder('none'), EDGES)).rejects.toThrow('there must be a readable file');
  });
});

describe('loadSafetensors() refuses', () => {
  test('every tensor that does not match, in one error, before a weight is changed', async () => {
    const model = kinds();
    const file = write(
      float32('features.0.weight', [2, 3, 6, 4], Array<number>(144).fill(0)),
      { name: 'features.1.weight', dtype: 'I32', shape: [4], bytes: new Uint8Array(16) },
      float32('features.1.bias', [4], [1, 2, 3, 4]),
      float32('extra', [1], [0]),
      { name: 'features.1.num_batches_tracked', dtype: 'I64', shape: [], bytes: new Uint8Array(8) },
    );
    const error = await refused(file, model, { names: MODULES });
    if (!(error instanceof SafetensorsError)) throw error;
    expect(error.mismatch.misshapen).toEqual([
      'full/kernel (features.0.weight) is [2, 3, 6, 4] in the file and must be [4, 6, 2, 3]',
      'norm/gamma (features.1.weight) is I32 in the file and must be F32, F16, BF16, F64',
    ]);
    expect(error.mismatch.unknown).toEqual(['extra [1]']);
    expect(error.mismatch.missing).toHaveLength(10);
    expect(error.mismatch.missing).toContain('head/scores/kernel (classifier.weight) [3, 10]');
    expect(error.message).toMatch(/^Cannot load safetensors: .*10 missing: .*; 1 unknown: extra \[1\]; 2 misshapen: /);
  });

  test.each([
    ['a zip archive of torch.save', Buffer.from('PK\u0003\u0004\u0014\0\0\0\0\0 data.pkl')],
    ['a pickle', Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20])],
    ['a pickle of protocol 4', Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0])],
  ])('%s, with the line that converts it', async (_, bytes) => {
    const { message } = await refused(bytes);
    expect(message).toContain(
      'must be safetensors, not a pickle of PyTorch: convert it by python -c "import sys, torch;',
    );
  });

  test('an archive of Keras, with the functions that read it', async () => {
    const archive = zipSync({ 'metadata.json': new Uint8Array(), 'config.json': new Uint8Array() });
    expect((await refused(archive)).message).toContain(
      'not an archive of Keras (loadKeras and loadKerasWeights read it)',
    );
  });

  test('no file whose length of the header looks like a pickle', async () => {
    const model = edges();
    const bytes = Buffer.from(write(float32('conv.weight', [1, 1, 1, 2], [1, 2])));
    const old = Number(bytes.readBigUInt64LE());
    const padded = Buffer.concat([bytes.subarray(0, 8 + old), Buffer.alloc(0x280 - old, ' '), bytes.subarray(8 + old)]);
    padded.writeBigUInt64LE(0x280n);
    expect([padded[0], padded[1]]).toEqual([0x80, 2]);
    await loadSafetensors(model, padded, EDGES);
    expect(valuesOf(model)).toEqual([[1, 2]]);
  });

  test('names that do not fit the model', async () => {
    const model = kinds();
    const load = (names: LoadSafetensorsOptions['names']): Promise<unknown> =>
      loadSafetensors(model, write(), { names });
    await expect(load({ fulll: 'a' })).rejects.toThrow("names must be of layers with weights, or of weights of the model, received names = ['fulll']"); // prettier-ignore
    await expect(load('torchvision')).rejects.toThrow(
      'its names are known for deepLabV3, mobileNetV2, mobileNetV3, shuffleNetV2, squeezeNet, resNeXt50; for other models',
    );
    await expect(load(() => 'same')).rejects.toThrow("'full/kernel' and 'norm/gamma' must have different tensors");
    await expect(load('keras5' as 'keras')).rejects.toThrow("names must be one of 'keras', 'torchvision', 'timm'");
    await expect(
      loadSafetensors(conv.squeezeNet({ inputShape: [32, 32, 3] }), write(), { names: 'timm' }),
    ).rejects.toThrow('its names are known for mobileNetV2, mobileNetV3, resNeXt50; for other models, pass yours');
    expect(() => exportSafetensors(model, { names: { full: 'a' } })).toThrow(
      "received weights without = ['norm/gamma', ",
    );
  });

  test('kernels in half precision, which PyTorch has not', () => {
    const half = conv.foldBatchNormalization(kinds(), { precision: 'half' });
    expect(() => exportSafetensors(half, { names: 'keras' })).toThrow('weights must be float32, not packed in half');
  });
});
