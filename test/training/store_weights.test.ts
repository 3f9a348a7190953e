/** Model files with weights in fewer bytes: values, sizes, the loaders of this package and of TensorFlow.js. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { decodeModel, encodeModel, type EncodedModel } from '../../src/training/model_encoding.js';
import { loadModel, saveModel } from '../../src/training/model_files.js';
import { storeWeights } from '../../src/training/store_weights.js';
import { Random } from '../support/random.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { tinyModel } from './support/tiny.js';

const inFolder = temporaryFolder();

beforeAll(() => tf.setBackend('cpu'));

/** Loads encoded files by TensorFlow.js alone. */
async function loadByHost({ topology, weights }: EncodedModel): Promise<tf.LayersModel> {
  const { weightsManifest, modelTopology } = JSON.parse(topology) as tf.io.ModelJSON;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: weights.slice().buffer }));
}

const valuesOf = (model: tf.LayersModel): Map<string, readonly number[]> =>
  new Map(model.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]));

const decode = ({ topology, weights }: EncodedModel): Promise<tf.LayersModel> =>
  decodeModel({ name: 'model.json', topology, readWeights: () => Promise.resolve(weights) });

/** Bytes of a value of each tensor of a model, by its rank. */
const BYTES = { float32: () => 4, float16: () => 2, uint8: (rank: number) => (rank > 1 ? 1 : 4) } as const;

describe.each(['float32', 'float16', 'uint8'] as const)('weights as %s', (type) => {
  test('have the bytes and the accuracy of the type, by both loaders', async () => {
    const model = tinyModel();
    const random = new Random(1);
    model.setWeights(
      model.weights.map(({ shape }) => {
        const sizes = shape as number[];
        return tf.tensor(Float32Array.from(random.array(sizes).data), sizes);
      }),
    );
    const encoded = await encodeModel(model, { weights: type });
    const want = model.weights.reduce(
      (sum, { shape }) => sum + tf.util.sizeFromShape([...shape] as number[]) * BYTES[type](shape.length),
      0,
    );
    expect(encoded.weights).toHaveLength(want);
    const before = valuesOf(model);
    for (const loaded of [await decode(encoded), await loadByHost(encoded)]) {
      for (const [name, values] of valuesOf(loaded)) {
        const given = before.get(name)!;
        const range = Math.max(...given, 0) - Math.min(...given, 0);
        values.forEach((value, index) => {
          const exact = given[index]!;
          const largest =
            BYTES[type](name.endsWith('kernel') ? 2 : 1) === 4
              ? 0
              : type === 'float16'
                ? Math.abs(exact) / 2048
                : range / 500;
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(largest);
        });
      }
    }
  });

  test('are saved in a folder, and replace others there', async () => {
    const model = tinyModel();
    for (const before of ['float32', type] as const) await saveModel(model, inFolder(type), { weights: before });
    expect(fs.readdirSync(inFolder(type)).sort()).toEqual(['model.json', 'weights.bin']);
    const loaded = await loadModel(inFolder(type));
    expect(loaded.countParams()).toBe(model.countParams());
    // What has been rounded once stays as it is.
    await saveModel(loaded, inFolder(`${type}-again`), { weights: type });
    expect(valuesOf(await loadModel(inFolder(`${type}-again`)))).toEqual(valuesOf(loaded));
  });

  test('reveal a changed file by its checksum', async () => {
    const { topology, weights } = await encodeModel(tinyModel(), { weights: type });
    weights[3]! ^= 1;
    await expect(decode({ topology, weights })).rejects.toThrow('unchanged since they were saved');
    await expect(decode({ topology, weights: weights.slice(1) })).rejects.toThrow('the weights must have');
  });
});

describe('storeWeights()', () => {
  const store = (values: readonly number[], shape: number[], type: 'float16' | 'uint8') =>
    storeWeights([{ name: 'a', shape, dtype: 'float32' }], new Uint8Array(Float32Array.from(values).buffer), type);

  test.each([
    [[-1, 0, 0.25, 1.5], { scale: 2.5 / 255, min: -102 * (2.5 / 255), dtype: 'uint8' }, [0, 102, 128, 255]],
    [[0, 0, 0, 0], { scale: 1, min: 0, dtype: 'uint8' }, [0, 0, 0, 0]],
    [[2, 3, 4, 5], { scale: 5 / 255, min: 0, dtype: 'uint8' }, [102, 153, 204, 255]],
    [[-5, -5, -5, -1], { scale: 5 / 255, min: -5, dtype: 'uint8' }, [0, 0, 0, 204]],
  ])('gives zero a step of its own: %p', (values, quantization, bytes) => {
    const stored = store(values, [2, 2], 'uint8');
    expect(stored.entries[0]!.quantization).toEqual(quantization);
    expect([...stored.bytes]).toEqual(bytes);
  });

  test.each([
    [[1, 70_000], [2], 'float16'],
    [[1, 2], [2], 'uint8'],
    [[1, NaN], [1, 2], 'uint8'],
    [[1, Infinity], [1, 2], 'float16'],
  ] as const)('keeps what the type cannot hold in float32: %p %p %p', (values, shape, type) => {
    const stored = store(values, [...shape], type);
    expect(stored.entries[0]).not.toHaveProperty('quantization');
    expect(stored.bytes).toHaveLength(8);
  });

  test('stores an odd number of float16 values, and integers as they are', () => {
    const bytes = new Uint8Array([...new Uint8Array(Float32Array.of(1, -2, 0.5).buffer), 7, 0, 0, 0]);
    const entries = [
      { name: 'a', shape: [3], dtype: 'float32' },
      { name: 'b', shape: [], dtype: 'int32' },
    ] as const;
    const stored = storeWeights(
      entries.map((entry) => ({ ...entry, shape: [...entry.shape] })),
      bytes,
      'float16',
    );
    expect([...stored.bytes]).toEqual([0, 0x3c, 0, 0xc0, 0, 0x38, 7, 0, 0, 0]);
  });
});
