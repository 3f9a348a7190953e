/** Files written by several versions of Keras (fixtures/make_fixtures.py): weights that load, and mismatches. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { writeHdf5, type NewArray, type NewGroup } from '../../src/interop/hdf5.js';
import { loadKerasWeights, saveKerasWeights } from '../../src/interop/index.js';
import {
  FILES,
  failure,
  fixture,
  fixtureWeights,
  mismatchOf,
  randomize,
  small,
  weightsOf,
} from './support/small_model.js';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('wasm');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-weights-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Path of a Keras file. */
function unpacked(file: string): string {
  const target = path.join(folder, file.slice(0, -'.gz'.length));
  fs.writeFileSync(target, fixture(file));
  return target;
}

describe('loadKerasWeights()', () => {
  test('finds the files of all formats', () => {
    expect(FILES).toHaveLength(7);
  });

  test.each(FILES)('loads every weight of %s correctly and leaks no tensor', async (file) => {
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

  test('warns about layers that compute different values in TensorFlow.js than in Keras', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const build = (kit: typeof tf.layers | typeof conv.layers): tf.LayersModel =>
      tf.sequential({
        layers: [
          kit.upSampling2d({ name: 'repeated', size: [2, 2], inputShape: [2, 3, 2] }),
          kit.upSampling2d({ name: 'enlarged', size: [2, 2], interpolation: 'bilinear' }),
          kit.batchNormalization({ name: 'by_rows', axis: 1 }),
          kit.batchNormalization({ name: 'by_channels' }),
        ],
      });
    const file = path.join(folder, 'enlarged.weights.h5');
    const ours = build(conv.layers);
    await saveKerasWeights(ours, file);
    await loadKerasWeights(ours, file);
    expect(warn).not.toHaveBeenCalled();
    await loadKerasWeights(build(tf.layers), file);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(/compute different values.*: 'enlarged', 'by_rows'\. /);
    warn.mockRestore();
  });

  test.each([
    ['a Uint8Array', (bytes: Uint8Array) => bytes],
    ['an ArrayBuffer', (bytes: Uint8Array) => Uint8Array.from(bytes).buffer],
  ])('accepts the contents of a file as %s', async (_, convert) => {
    const model = small();
    await loadKerasWeights(model, convert(fixture('keras_3_15.keras.gz')));
    expect(weightsOf(model)).toEqual(fixtureWeights(model));
    model.dispose();
  });

  test('loads frozen layers, whose weights TensorFlow.js lists separately', async () => {
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
    'lists unknown and missing weights of $file, and changes nothing',
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
      const { message } = await failure(refused());
      const excerpt = (kind: string, entries: readonly string[]): string =>
        `${entries.length} ${kind}: ${[...entries.slice(0, 2), ...(entries.length > 2 ? ['…'] : [])].join(', ')}`;
      expect(message).toBe(
        `Cannot load Keras weights: the file must contain exactly the model's weights (${excerpt('missing', missing)}; ${excerpt('unknown', unknown)}), received file = '${path.join(folder, file.slice(0, -3))}'`,
      );
      expect(message.length).toBeLessThanOrEqual(500);
      expect(weightsOf(model)).toEqual(before);

      const result = await loadKerasWeights(model, unpacked(file), { skipMismatch: true });
      expect(result).toEqual({ loaded, missing, unknown, misshapen: [] });
      const after = weightsOf(model);
      expect(after['other/kernel']).toEqual(before['other/kernel']);
      expect(after['depthwise/depthwise_kernel']).toEqual(fixtureWeights(model)['depthwise/depthwise_kernel']);
      model.dispose();
    },
  );

  test.each(FILES)('lists weights of %s with another shape', async (file) => {
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

  test('names the weights of a nested model by their path', async () => {
    const inner = tf.layers.conv2d({ name: 'inner', filters: 2, kernelSize: 1, inputShape: [6, 7, 3] });
    const model = tf.sequential({ layers: [tf.sequential({ name: 'head', layers: [inner] })] });
    const mismatch = await mismatchOf(loadKerasWeights(model, fixture('keras_3_15.h5.gz')));
    expect(mismatch.missing).toEqual(['head/inner/bias [2]']);
    expect(mismatch.misshapen).toEqual(['head/inner/kernel is [1, 1, 2, 2] in the file and must be [1, 1, 3, 2]']);
    expect(mismatch.unknown).toEqual(expect.arrayContaining(['head/tail/scores/kernel [2, 3]', 'stem/stem/bias [4]']));
    model.dispose();
  });

  test('matches layers with default names by position, if their numbers are equal', async () => {
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
      kernel10,
      kernel9,
    ]);
    const shorter = chain(['conv2d_10', 'conv2d_7']);
    await expect(loadKerasWeights(shorter, file)).rejects.toThrow(
      "layers with default names are matched by position: the model has 2 of 'conv2d', the file 3",
    );
    const { loaded, missing, unknown } = await loadKerasWeights(shorter, file, { skipMismatch: true });
    expect([loaded, missing.length, unknown.length]).toEqual([0, 4, 6]);
    [saved, unnamed, shorter].forEach((model) => model.dispose());
  });

  test('knows the spelling of MobileNetV3 in Keras 2, and matches no layer twice', async () => {
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

  test('matches by position if two classes here are one in Keras', async () => {
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
    const kernel = (value: number): NewArray => ({
      shape: [1, 1, 2, 2],
      values: new Float32Array(4).fill(value),
    });
    const bias = { shape: [2], values: new Float32Array(2) };
    const bytes = await writeHdf5('test', {
      groups: {
        layers: {
          groups: Object.fromEntries(
            [0, 1].map((index) => [
              `conv2d_${index}`,
              {
                groups: {
                  vars: { attributes: { name: `conv2d_${index + 8}` }, arrays: { 0: kernel(index + 1), 1: bias } },
                },
              },
            ]),
          ),
        },
      },
    });
    expect((await loadKerasWeights(to, bytes)).loaded).toBe(4);
    expect(to.weights.map((weight) => weight.read().dataSync()[0])).toEqual([1, 0, 2, 0]);
    [from, to].forEach((model) => model.dispose());
  });

  test('lists tensors inside wrappers and recurrent layers, and those of a type other than float', async () => {
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
