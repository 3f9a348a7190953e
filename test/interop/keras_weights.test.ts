/** Files that several versions of Keras wrote (fixtures/make_fixtures.py), round trips, and everything that is refused. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { strToU8, zipSync } from 'fflate';
import * as conv from '../../src/index.js';
import { KerasWeightsError, type KerasMismatch, loadKerasWeights, saveKerasWeights } from '../../src/interop/index.js';
import { writeHdf5, type NewGroup } from '../../src/interop/hdf5.js';
import { CorruptFileError } from '../../src/errors.js';
import { randomTensor } from '../layers/support/layers.js';
import { Random } from '../support/random.js';

const FIXTURES = path.join(__dirname, 'fixtures');
const FILES = fs.readdirSync(FIXTURES).filter((file) => file.endsWith('.gz'));

/** The contents of a file of Keras. */
function fixture(file: string): Uint8Array {
  return new Uint8Array(gunzipSync(fs.readFileSync(path.join(FIXTURES, file))));
}

interface SmallOptions {
  /** Names of the layers `stem` and `depthwise`. */
  readonly names?: readonly [string, string];
  readonly filters?: number;
  readonly scale?: boolean;
}

/** The model of fixtures/make_fixtures.py; stock layers where that makes no difference. */
function small({ names = ['stem', 'depthwise'], filters = 4, scale = false }: SmallOptions = {}): tf.LayersModel {
  const { layers } = conv;
  const image = tf.input({ shape: [6, 7, 3], name: 'image' });
  const tail = tf.sequential({
    name: 'tail',
    layers: [tf.layers.dense({ units: 3, name: 'scores', inputShape: [2, 3, 2] })],
  });
  const inner = tf.layers.conv2d({ name: 'inner', filters: 2, kernelSize: 1, useBias: false, inputShape: [2, 3, 2] });
  const outputs = [
    layers.dilatedConv2d({ name: names[0], filters, kernelSize: 3, dilationRate: 1, padding: 'valid' }),
    layers.depthwiseConv2d({ name: names[1], kernelSize: 2, depthMultiplier: 2 }),
    layers.depthwiseSeparableConv2d({ name: 'separable', filters: 3, kernelSize: 2 }),
    layers.batchNormalization({ name: 'norm', scale }),
    tf.layers.dropout({ name: 'dropout', rate: 0.5 }),
    tf.layers.conv2d({ filters: 2, kernelSize: 1 }),
    tf.sequential({ name: 'head', layers: [inner, tail] }),
  ].reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, image);
  return tf.model({ inputs: image, outputs, name: 'small' });
}

/** The weights of a model by layer and weight name, in Keras's order. */
function weightsOf(model: tf.LayersModel): Record<string, { shape: tf.Shape; values: number[] }> {
  const entries = model.layers.flatMap((layer): [string, { shape: tf.Shape; values: number[] }][] =>
    'layers' in layer
      ? Object.entries(weightsOf(layer as tf.LayersModel))
      : layer.weights.map((weight) => [
          `${layer.name}/${weight.originalName.split('/').at(-1)!}`,
          { shape: weight.shape, values: [...weight.read().dataSync()] },
        ]),
  );
  return Object.fromEntries(entries);
}

/** Value i of weight number n is n + i / 100. */
function fixtureWeights(model: tf.LayersModel): ReturnType<typeof weightsOf> {
  const shapes = Object.entries(weightsOf(model));
  return Object.fromEntries(
    shapes.map(([name, { shape, values }], index) => [
      name,
      { shape, values: values.map((_, position) => Math.fround(index + position / 100)) },
    ]),
  );
}

function randomize(model: tf.LayersModel): void {
  tf.tidy(() => {
    model.weights.forEach((weight, index) => {
      weight.write(randomTensor(index, weight.shape as number[]));
    });
  });
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}

/** What a refused file is refused for. */
async function mismatchOf(promise: Promise<unknown>): Promise<KerasMismatch> {
  const error = await failure(promise);
  if (error instanceof KerasWeightsError) return error.mismatch;
  throw error;
}

let folder: string;
beforeAll(async () => {
  await tf.setBackend('wasm');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-weights-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The path of a file of Keras. */
function unpacked(file: string): string {
  const target = path.join(folder, file.slice(0, -'.gz'.length));
  fs.writeFileSync(target, fixture(file));
  return target;
}

describe('loadKerasWeights()', () => {
  test('finds the files of all formats', () => {
    expect(FILES).toHaveLength(7);
  });

  test.each(FILES)('loads every weight of %s to its place and leaves no tensor behind', async (file) => {
    const model = small();
    const tensors = tf.memory().numTensors;
    expect(await loadKerasWeights(model, unpacked(file))).toEqual({
      loaded: 15,
      missing: [],
      unknown: [],
      misshapen: [],
    });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(weightsOf(model)).toEqual(fixtureWeights(model));
    model.dispose();
  });

  test.each([
    ['a Uint8Array', (bytes: Uint8Array) => bytes],
    ['an ArrayBuffer', (bytes: Uint8Array) => Uint8Array.from(bytes).buffer],
  ])('takes the contents of a file as %s', async (_, convert) => {
    const model = small();
    await loadKerasWeights(model, convert(fixture('keras_3_15.keras.gz')));
    expect(weightsOf(model)).toEqual(fixtureWeights(model));
    model.dispose();
  });

  test('loads frozen layers, whose weights tfjs lists elsewhere', async () => {
    const model = small();
    model.getLayer('stem').trainable = false;
    model.getLayer('norm').trainable = false;
    await loadKerasWeights(model, fixture('keras_3_15.weights.h5.gz'));
    model.getLayer('stem').trainable = true;
    model.getLayer('norm').trainable = true;
    expect(weightsOf(model)).toEqual(fixtureWeights(model));
    model.dispose();
  });

  const misfits = [
    {
      file: 'keras_3_15.weights.h5.gz',
      missing: [
        'other/kernel [3, 3, 3, 4]',
        'other/bias [4]',
        'norm/gamma [3]',
        'norm/beta [3]',
        'norm/moving_mean [3]',
        'norm/moving_variance [3]',
      ],
      unknown: [
        'layers/batch_normalization/vars/0 [3]',
        'layers/batch_normalization/vars/1 [3]',
        'layers/batch_normalization/vars/2 [3]',
        'layers/conv2d/vars/0 [3, 3, 3, 4]',
        'layers/conv2d/vars/1 [4]',
      ],
      loaded: 10,
    },
    {
      file: 'keras_2.h5.gz',
      missing: ['other/kernel [3, 3, 3, 4]', 'other/bias [4]', 'norm/gamma [3]'],
      unknown: ['stem/stem/kernel:0 [3, 3, 3, 4]', 'stem/stem/bias:0 [4]'],
      loaded: 13,
    },
  ];
  test.each(misfits)(
    'lists what of $file is unknown or missing, and changes nothing',
    async ({ file, ...mismatch }) => {
      const { loaded, ...lists } = mismatch;
      const model = small({ names: ['other', 'depthwise'], scale: true });
      const before = weightsOf(model);
      const refused = (): Promise<unknown> => loadKerasWeights(model, unpacked(file));
      const { missing, unknown, misshapen } = await mismatchOf(refused());
      expect({ missing, unknown: [...unknown].sort(), misshapen }).toEqual({
        missing: lists.missing,
        unknown: [...lists.unknown].sort(),
        misshapen: [],
      });
      expect((await failure(refused())).message.split('\n')).toEqual([
        `Cannot load Keras weights: the file must hold the model's weights and no others, received file = '${path.join(folder, file.slice(0, -3))}'`,
        ...missing.map((entry) => `  missing: ${entry}`),
        ...unknown.map((entry) => `  unknown: ${entry}`),
      ]);
      expect(weightsOf(model)).toEqual(before);

      const result = await loadKerasWeights(model, unpacked(file), { skipMismatch: true });
      expect(result).toEqual({ loaded, missing, unknown, misshapen: [] });
      const after = weightsOf(model);
      expect(after['other/kernel']).toEqual(before['other/kernel']);
      expect(after['depthwise/depthwise_kernel']).toEqual(fixtureWeights(model)['depthwise/depthwise_kernel']);
      model.dispose();
    },
  );

  test.each(FILES)('lists what of %s has another shape', async (file) => {
    const model = small({ filters: 5 });
    const before = weightsOf(model);
    const misshapen = [
      'stem/kernel is [3, 3, 3, 4] in the file and must be [3, 3, 3, 5]',
      'stem/bias is [4] in the file and must be [5]',
      'depthwise/depthwise_kernel is [2, 2, 4, 2] in the file and must be [2, 2, 5, 2]',
      'depthwise/bias is [8] in the file and must be [10]',
      'separable/depthwise_kernel is [2, 2, 8, 1] in the file and must be [2, 2, 10, 1]',
      'separable/pointwise_kernel is [1, 1, 8, 3] in the file and must be [1, 1, 10, 3]',
    ];
    expect(await mismatchOf(loadKerasWeights(model, fixture(file)))).toEqual({ missing: [], unknown: [], misshapen });
    expect(weightsOf(model)).toEqual(before);
    expect(await loadKerasWeights(model, fixture(file), { skipMismatch: true })).toMatchObject({
      loaded: 9,
      misshapen,
    });
    model.dispose();
  });

  test('names the weights of a model inside by their path', async () => {
    const inner = tf.layers.conv2d({ name: 'inner', filters: 2, kernelSize: 1, inputShape: [6, 7, 3] });
    const model = tf.sequential({ layers: [tf.sequential({ name: 'head', layers: [inner] })] });
    const mismatch = await mismatchOf(loadKerasWeights(model, fixture('keras_3_15.h5.gz')));
    expect(mismatch.missing).toEqual(['head/inner/bias [2]']);
    expect(mismatch.misshapen).toEqual(['head/inner/kernel is [1, 1, 2, 2] in the file and must be [1, 1, 3, 2]']);
    expect(mismatch.unknown).toEqual(expect.arrayContaining(['head/tail/scores/kernel [2, 3]', 'stem/stem/bias [4]']));
    model.dispose();
  });

  test('goes by the order of layers without a name of their own, if there are equally many', async () => {
    const chain = (names: readonly (string | undefined)[]): tf.LayersModel =>
      tf.sequential({
        layers: names.map((name, index) =>
          conv.layers.conv2d({
            ...(name && { name }),
            filters: 2,
            kernelSize: 1,
            ...(index === 0 && { inputShape: [3, 3, 2] }),
          }),
        ),
      });
    const file = path.join(folder, 'numbered.weights.h5');
    const saved = chain(['conv2d_7', 'conv2d_10', 'conv2d_9']);
    randomize(saved);
    await saveKerasWeights(saved, file);
    const [kernel7, , kernel10, , kernel9] = saved.weights.map((weight) => [...weight.read().dataSync()]);
    const unnamed = chain([undefined, undefined, undefined]);
    await loadKerasWeights(unnamed, file);
    expect([0, 2, 4].map((index) => [...unnamed.weights[index]!.read().dataSync()])).toEqual([
      kernel7,
      kernel9,
      kernel10,
    ]);
    const shorter = chain(['conv2d_10', 'conv2d_7']);
    const { loaded, unknown } = await loadKerasWeights(shorter, file, { skipMismatch: true });
    expect([loaded, unknown.length]).toEqual([4, 2]);
    expect([...shorter.weights[0]!.read().dataSync()]).toEqual(kernel10);
    [saved, unnamed, shorter].forEach((model) => model.dispose());
  });

  test('knows the spelling of MobileNetV3 in Keras 2, and takes no layer twice', async () => {
    const layer = (name: string, value: number): NewGroup => ({
      groups: { vars: { attributes: { name }, arrays: { 0: { shape: [1, 1], values: Float32Array.of(value) } } } },
    });
    const names = ['expanded_conv/squeeze_excite/Conv_1', 'Conv', 'Conv/BatchNorm'];
    const groups = Object.fromEntries(names.map((name, index) => [`dense_${index}`, layer(name, index + 1)]));
    const bytes = await writeHdf5('test', { groups: { layers: { groups } } });
    const make = (...own: string[]): tf.LayersModel =>
      tf.sequential({
        layers: own.map((name) => tf.layers.dense({ name, units: 1, useBias: false, inputShape: [1] })),
      });
    const model = make('conv', 'conv_bn', 'expanded_conv_squeeze_excite_conv_1');
    await loadKerasWeights(model, bytes);
    expect(model.weights.map((weight) => weight.read().dataSync()[0])).toEqual([2, 3, 1]);
    const twice = make('conv', 'Conv', 'conv_bn', 'expanded_conv_squeeze_excite_conv_1');
    const mismatch = await mismatchOf(loadKerasWeights(twice, bytes));
    expect(mismatch).toEqual({ missing: ['conv/kernel [1, 1]'], unknown: [], misshapen: [] });
    [model, twice].forEach((each) => each.dispose());
  });

  test('does not guess where two classes here are one in Keras', async () => {
    const make = (): tf.LayersModel =>
      tf.sequential({
        layers: [
          conv.layers.conv2d({ filters: 2, kernelSize: 1, inputShape: [3, 3, 2] }),
          conv.layers.pointwiseConv2d({ filters: 2 }),
        ],
      });
    const [from, to] = [make(), make()];
    randomize(from);
    const file = path.join(folder, 'two_classes.weights.h5');
    await saveKerasWeights(from, file);
    await loadKerasWeights(to, file);
    expect(to.weights.map((weight) => [...weight.read().dataSync()])).toEqual(
      from.weights.map((weight) => [...weight.read().dataSync()]),
    );
    const kernel = { shape: [1, 1, 2, 2], values: new Float32Array(4) };
    const bias = { shape: [2], values: new Float32Array(2) };
    const bytes = await writeHdf5('test', {
      groups: {
        layers: {
          groups: Object.fromEntries(
            [0, 1].map((index) => [
              `conv2d_${index}`,
              { groups: { vars: { attributes: { name: `conv2d_${index + 8}` }, arrays: { 0: kernel, 1: bias } } } },
            ]),
          ),
        },
      },
    });
    const mismatch = await mismatchOf(loadKerasWeights(to, bytes));
    expect([mismatch.missing.length, mismatch.unknown.length]).toEqual([4, 4]);
    [from, to].forEach((model) => model.dispose());
  });

  test('lists tensors inside layers that hold layers, and those of a type that is no float', async () => {
    const array = { shape: [2], values: new Float32Array(2) };
    const bytes = await writeHdf5('test', {
      groups: {
        layers: { groups: { lstm: { groups: { cell: { groups: { vars: { arrays: { 0: array } } } } } } } },
        state: { arrays: { step: array } },
        optimizer: { groups: { vars: { arrays: { 0: array } } } },
      },
    });
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 1, inputShape: [2], useBias: false, name: 'scores' })],
    });
    const mismatch = await mismatchOf(loadKerasWeights(model, bytes));
    expect(mismatch).toEqual({
      missing: ['scores/kernel [2, 1]'],
      unknown: ['layers/lstm/cell/vars/0 [2]', 'state/step [2]'],
      misshapen: [],
    });
    model.dispose();
  });
});

describe('loadKerasWeights() refuses', () => {
  const complete = fixture('keras_3_15.weights.h5.gz');
  const archive = fixture('keras_3_15.keras.gz');
  const other = zipSync({ 'model.weights.json': strToU8('{}'), 'config.json': strToU8('{}') }, { level: 0 });
  const strange = zipSync({ 'model.weights.h5': complete, 'config.json': strToU8('{"config":{"layers":[{}]}}') });
  const damaged = zipSync({ 'model.weights.h5': strToU8('weights'), 'config.json': strToU8('{}') }, { level: 0 });

  test.each([
    ['an empty file', new Uint8Array(0), 'the file must be HDF5 or a .keras archive'],
    ['a file of another kind', strToU8('<html></html>'), 'the file must be HDF5 or a .keras archive'],
    ['an HDF5 file that is cut short', complete.slice(0, 20_000), 'the file must be complete and undamaged HDF5'],
    ['an archive that is cut short', archive.slice(0, 20_000), 'the archive must be complete'],
    ['an archive of shards', other, 'the archive must be complete and hold config.json and model.weights.h5'],
    ['an archive whose configuration is none', strange, 'config.json must describe the layers of the model'],
    ['an archive of something else', damaged, 'the file must be HDF5'],
  ])('%s, in one line and without a word on stderr', async (_, bytes, rule) => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const file = path.join(folder, 'refused');
    fs.writeFileSync(file, bytes);
    const model = small();
    const before = weightsOf(model);
    const error = await failure(loadKerasWeights(model, file));
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.message).toContain(rule);
    expect(error.message).toContain(`received file = '${file}'`);
    expect(error.message).not.toContain('\n');
    expect(weightsOf(model)).toEqual(before);
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
    model.dispose();
  });

  test('any damage of a file, and changes nothing', async () => {
    const random = new Random(5);
    const model = small();
    let before = weightsOf(model);
    const kinds = new Set<string>();
    for (const file of FILES) {
      for (let round = 0; round < 8; round++) {
        const bytes = Uint8Array.from(fixture(file));
        const start = random.integer(0, bytes.length - 1);
        bytes.fill(random.integer(0, 255), start, start + random.integer(1, 64));
        const damaged = round % 4 === 0 ? bytes.slice(0, start) : bytes;
        try {
          await loadKerasWeights(model, damaged);
          before = weightsOf(model); // only values were damaged, or what is left alone
        } catch (error) {
          kinds.add((error as Error).name);
          expect(weightsOf(model)).toEqual(before);
        }
      }
    }
    expect(kinds).toContain('CorruptFileError');
    expect([...kinds].filter((kind) => !['CorruptFileError', 'KerasWeightsError'].includes(kind))).toEqual([]);
    model.dispose();
  });

  test('an HDF5 file of something else', async () => {
    const bytes = await writeHdf5('test', { arrays: { x: { shape: [2], values: Float32Array.of(1, 2) } } });
    const model = small();
    const error = await failure(loadKerasWeights(model, bytes));
    expect(error.message).toBe(
      `Cannot load Keras weights: the file must hold weights of Keras, received file = '${bytes.length} bytes'`,
    );
    model.dispose();
  });

  test('a file that is not there, an argument of the wrong kind, an unknown option', async () => {
    const model = small();
    await expect(loadKerasWeights(model, path.join(folder, 'absent.h5'))).rejects.toThrow(RangeError);
    await expect(loadKerasWeights(model, folder)).rejects.toThrow('there must be a readable file');
    await expect(loadKerasWeights(model, 7 as unknown as string)).rejects.toThrow(TypeError);
    await expect(loadKerasWeights(model, complete, { byName: true } as object)).rejects.toThrow(
      'the options are skipMismatch, received byName = true',
    );
    await expect(loadKerasWeights(model, complete, { skipMismatch: 1 } as object)).rejects.toThrow(TypeError);
    model.dispose();
  });
});

describe('saveKerasWeights()', () => {
  test('writes what loadKerasWeights() reads, bit for bit, and nothing else', async () => {
    const target = path.join(folder, 'saved');
    fs.mkdirSync(target);
    const file = path.join(target, 'small.weights.h5');
    const [from, to] = [small(), small()];
    randomize(from);
    const tensors = tf.memory().numTensors;
    await saveKerasWeights(to, file);
    await saveKerasWeights(from, file);
    expect(fs.readdirSync(target)).toEqual(['small.weights.h5']);
    await loadKerasWeights(to, file);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(Object.values(weightsOf(to))).toEqual(Object.values(weightsOf(from)));
    [from, to].forEach((model) => model.dispose());
  });

  test('saves layers that Keras does not have', async () => {
    const make = (): tf.LayersModel =>
      conv.mobileNetV1({ inputShape: [32, 32, 3], alpha: 1 / 16, classes: 3, deformable: { last: 2 } });
    const [from, to] = [make(), make()];
    const file = path.join(folder, 'deformable.weights.h5');
    randomize(from);
    await saveKerasWeights(from, file);
    expect((await loadKerasWeights(to, file)).loaded).toBe(from.weights.length);
    expect(weightsOf(to)).toEqual(weightsOf(from));
    [from, to].forEach((model) => model.dispose());
  });

  test('saves a layer that is used twice once', async () => {
    const shared = conv.layers.conv2d({ name: 'shared', filters: 2, kernelSize: 1 });
    const input = tf.input({ shape: [3, 3, 2] });
    const model = tf.model({ inputs: input, outputs: shared.apply(shared.apply(input)) as tf.SymbolicTensor });
    const file = path.join(folder, 'shared.weights.h5');
    await saveKerasWeights(model, file);
    expect((await loadKerasWeights(model, file)).loaded).toBe(2);
    model.dispose();
  });

  test('refuses names that Keras refuses, and layers that hold layers', async () => {
    const model = small();
    await expect(saveKerasWeights(model, path.join(folder, 'small.h5'))).rejects.toThrow(
      'the file name must end in .weights.h5',
    );
    await expect(saveKerasWeights(model, path.join(folder, 'small.keras'))).rejects.toThrow(RangeError);
    await expect(saveKerasWeights(model, 7 as unknown as string)).rejects.toThrow(TypeError);
    model.dispose();
    const recurrent = tf.sequential({ layers: [tf.layers.gru({ name: 'steps', units: 2, inputShape: [3, 2] })] });
    await expect(saveKerasWeights(recurrent, path.join(folder, 'x.weights.h5'))).rejects.toThrow(
      "layers must not hold layers, as recurrent ones and wrappers do, received layer = 'steps'",
    );
    recurrent.dispose();
  });
});
