/** The files that importOnnx() and loadOnnx() read: types of constants, other files, names, damage, what is refused. */
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { CorruptFileError } from '../../src/errors.js';
import {
  exportOnnx,
  importOnnx,
  loadOnnx,
  OnnxImportError,
  saveOnnx,
  type ExportOnnxOptions,
} from '../../src/interop/index.js';
import { valueOfHalf } from '../../src/kernel/half.js';
import { toHalf } from '../../src/interop/onnx/half.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { differenceFrom } from './support/imported.js';
import {
  changed,
  decode,
  format,
  integers,
  makeFile,
  randoms,
  type FileParts,
  type StoredModel,
} from './support/onnx_files.js';
import { differenceOf, inputsOf, randomizeWeights, runModel } from './support/onnx_runtimes.js';

const inFolder = temporaryFolder();

/** A 1×1 convolution of one channel: factor and bias. */
const LINE: FileParts = {
  nodes: [['Conv', ['x', 'w', 'b'], ['y']]],
  x: ['n', 1, 2, 2],
  constants: { w: { dims: [1, 1, 1, 1], values: [3] }, b: { dims: [1], values: [-2] } },
};

const weightsOf = (model: tf.LayersModel): number[] => model.getWeights().flatMap((weight) => [...weight.dataSync()]);

const messageOf = (error: unknown): string => (error as Error).message;

async function failure(bytes: Uint8Array): Promise<unknown> {
  const before = tf.memory().numTensors;
  const error: unknown = await importOnnx(bytes).then(
    () => new Error('it was imported'),
    (reason: unknown) => reason,
  );
  expect(tf.memory().numTensors).toBe(before);
  return error;
}

beforeAll(() => tf.setBackend('wasm'));

describe('importOnnx()', () => {
  const half = Uint16Array.of(toHalf(3));
  test.each([
    ['float in its own field', 1, { floatData: [3] }],
    ['float16', 10, { rawData: new Uint8Array(half.buffer) }],
    ['float16 in its own field', 10, { int32Data: [half[0]!] }],
    ['float64', 11, { rawData: new Uint8Array(Float64Array.of(3).buffer) }],
    ['float64 in its own field', 11, { doubleData: [3] }],
    ['int64', 7, { rawData: new Uint8Array(BigInt64Array.of(3n).buffer) }],
    ['int32', 6, { rawData: new Uint8Array(Int32Array.of(3).buffer) }],
    ['uint8', 2, { rawData: Uint8Array.of(3) }],
    ['int8', 3, { rawData: Uint8Array.of(3) }],
  ])('reads constants of %s', async (_, dataType, fields) => {
    const file = await changed(LINE, ({ graph }) => {
      Object.assign(graph!.initializer[0]!, { rawData: new Uint8Array(), dataType, ...fields });
    });
    expect(weightsOf(await importOnnx(file))).toEqual([3, -2]);
  });

  test('reads every float16', () => {
    const numbers = [0, -0, 1, -2.5, 65504, 2 ** -14, 2 ** -24, -(2 ** -20), Infinity, -Infinity];
    expect(numbers.map((number) => valueOfHalf(toHalf(number)))).toEqual(numbers);
    expect(valueOfHalf(toHalf(NaN))).toBeNaN();
  });

  test('reads constants at any place of the file', async () => {
    const weights: number[][] = [];
    for (const name of ['w', 'ww', 'www', 'wwww']) {
      const { b, w } = LINE.constants!;
      const file = await makeFile({
        ...LINE,
        nodes: [['Conv', ['x', name, 'b'], ['y']]],
        constants: { [name]: w!, b: b! },
      });
      weights.push(weightsOf(await importOnnx(file)));
    }
    expect(weights).toEqual(Array.from({ length: 4 }, () => [3, -2]));
  });

  test('reads weights from the bytes of other files', async () => {
    const { create, StringStringEntryProtoSchema } = await format();
    const file = await changed(LINE, ({ graph }) => {
      const externalData = { location: 'weights', offset: '4', length: '4' };
      const entries = Object.entries(externalData).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
      Object.assign(graph!.initializer[0]!, { rawData: new Uint8Array(), dataLocation: 1, externalData: entries });
    });
    const weights = new Uint8Array(Float32Array.of(1, 7, 9).buffer);
    expect(weightsOf(await importOnnx(file, { externalData: { weights } }))).toEqual([7, -2]);
    expect(messageOf(await failure(file))).toContain(
      "its values are in 'weights', which must be in options.externalData",
    );
    const short = importOnnx(file, { externalData: { weights: weights.subarray(0, 7) } });
    await expect(short).rejects.toThrow("its values must lie in the 7 bytes of 'weights'");
  });

  test('keeps names of nodes, cleaned and unique, and those of modules of PyTorch', async () => {
    const w = randoms([1, 1, 1, 1]);
    const file = await changed(
      {
        nodes: [
          ['Conv', ['x', 'net.0.weight'], ['a']],
          ['Relu', ['a'], ['b']],
          ['Conv', ['b', 'w'], ['c']],
          ['Relu', ['c'], ['y']],
        ],
        x: ['n', 1, 2, 2],
        constants: { 'net.0.weight': w, w },
      },
      ({ graph }) => {
        graph!.node[0]!.name = '/net/Conv';
        graph!.node[1]!.name = '/net/a b/Relu';
        graph!.node[3]!.name = '/net/a?b/Relu';
      },
    );
    const model = await importOnnx(file);
    expect(model.layers.map(({ name }) => name)).toEqual(['x', 'net.0', 'net_a_b_Relu', 'c', 'net_a_b_Relu_1']);
  });

  test('takes sizes of −1, unnamed ones and a fixed batch as sizes that vary', async () => {
    const file = await changed({ ...LINE, x: [1, 1, 'h', 'w'] }, ({ graph }) => {
      const { value } = graph!.input[0]!.type!;
      const { dim } = (value.value as { shape: { dim: { value: unknown }[] } }).shape;
      dim[2]!.value = { case: 'dimValue', value: -1n };
      dim[3]!.value = { case: undefined };
    });
    expect((await importOnnx(file)).inputs[0]!.shape).toEqual([null, null, null, 1]);
  });

  test('makes one layer of nodes that share their weights, unless they differ otherwise', async () => {
    const file = await makeFile({
      nodes: [
        ['Conv', ['x', 'w', 'b'], ['a']],
        ['Relu', ['a'], ['c']],
        ['Conv', ['c', 'w', 'b'], ['d']],
        ['Conv', ['d', 'w', 'b'], ['e'], { pads: [1, 1, 1, 1] }],
        ['Conv', ['e', 'w'], ['f']],
        ['Add', ['f', 'b'], ['y']],
      ],
      x: ['n', 1, 2, 2],
      constants: LINE.constants!,
    });
    const model = await importOnnx(file);
    expect(model.layers.map(({ name }) => name)).toEqual(['x', 'a', 'c', 'e', 'f', 'y']);
    expect(await differenceFrom(file, model, [[2, 1, 2, 2]], 'x')).toBeLessThan(1e-6);
    const again = await importOnnx(await exportOnnx(model));
    expect(again.countParams()).toBe(model.countParams());
  });

  test('saves and loads again', async () => {
    const model = await importOnnx(await makeFile(LINE));
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    expect(weightsOf(loaded)).toEqual([3, -2]);
  });

  test('lists every node that it cannot import, with operator and reason, before anything is made', async () => {
    const file = await makeFile({
      nodes: [
        ['Conv', ['x', 'w'], ['a'], { auto_pad: 'SAME_LOWER' }],
        ['Einsum', ['a'], ['b'], { equation: 'ij' }],
        ['Relu', ['b'], ['c'], { slope: 2 }],
        ['MaxPool', ['x'], ['d'], { kernel_shape: [2, 2], dilations: [2, 2] }],
        ['Add', ['c', 'd'], ['y']],
      ],
      constants: { w: randoms([3, 3, 1, 1]) },
    });
    const error = await failure(file);
    expect(error).toBeInstanceOf(OnnxImportError);
    expect((error as OnnxImportError).nodes).toEqual([
      { name: 'b', operator: 'Einsum', reason: 'there is no layer for this operator' },
      { name: 'c', operator: 'Relu', reason: 'its attribute slope is unknown' },
      { name: 'a', operator: 'Conv', reason: 'its auto_pad must be NOTSET or VALID or SAME_UPPER, not SAME_LOWER' },
      { name: 'd', operator: 'MaxPool', reason: 'its dilations must be 1' },
    ]);
    expect(messageOf(error)).toMatch(
      /^Cannot import from ONNX: every node must have a layer that computes it \('b' \(Einsum\)/,
    );
  });

  const size = BigInt(2 ** 40);
  test.each<[string, FileParts, (model: StoredModel) => void, string]>([
    [
      'a shape that its bytes do not fill',
      LINE,
      ({ graph }) => (graph!.initializer[0]!.dims = [size]),
      'its shape needs 4398046511104 bytes, and it has 4',
    ],
    [
      'a constant with a long name and many sizes',
      LINE,
      ({ graph }) => {
        Object.assign(graph!.initializer[0]!, { name: 'w'.repeat(5000), dims: Array.from({ length: 500 }, () => -1n) });
      },
      'its shape must be possible',
    ],
    ['a negative size', LINE, ({ graph }) => (graph!.initializer[0]!.dims = [-1n, -1n]), 'its shape must be possible'],
    [
      'constants of text',
      LINE,
      ({ graph }) => (graph!.initializer[0]!.dataType = 8),
      'its type must be float, integer or boolean, not type 8',
    ],
    ['no graph', LINE, (model) => delete model.graph, 'have a graph'],
    ['no output', LINE, ({ graph }) => (graph!.output = []), 'must have an output'],
    ['an output that nothing makes', LINE, ({ graph }) => (graph!.output[0]!.name = 'z'), "'z' is not"],
    ['an old operator set', { ...LINE, opset: 6 }, () => undefined, 'the operator set must be one of 7 to 23, not 6'],
    [
      'an input of integers',
      LINE,
      ({ graph }) => ((graph!.input[0]!.type!.value.value as { elemType: number }).elemType = 7),
      'its type must be float32, not type 7',
    ],
    [
      'nodes in a circle',
      {
        ...LINE,
        nodes: [
          ['Add', ['x', 'y'], ['a']],
          ['Relu', ['a'], ['y']],
        ],
      },
      () => undefined,
      "reads 'y' before it is made",
    ],
    [
      'a value that is made twice',
      {
        ...LINE,
        nodes: [
          ['Relu', ['x'], ['y']],
          ['Relu', ['x'], ['y']],
        ],
      },
      () => undefined,
      "'y' is made twice",
    ],
  ])('refuses %s', async (_, parts, change, rule) => {
    const error = await failure(await changed(parts, change));
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(messageOf(error)).toContain(rule);
    expect(messageOf(error).length).toBeLessThan(500);
    expect(messageOf(error)).toMatch(/received file = '\d+ bytes'$/);
  });

  test('refuses a file that is cut short anywhere, or imports what is left', async () => {
    const file = await makeFile(LINE);
    for (let length = 0; length < file.length; length++) {
      const error = await failure(file.subarray(0, length));
      expect(error).toBeInstanceOf(CorruptFileError);
    }
  });

  test.each<[string, FileParts]>([
    [
      'a fill of a huge shape',
      {
        nodes: [
          ['ConstantOfShape', ['s'], ['a']],
          ['Add', ['x', 'a'], ['y']],
        ],
        constants: { s: integers(2 ** 20, 2 ** 20) },
      },
    ],
    [
      'a huge range',
      {
        nodes: [
          ['Range', ['z', 's', 'o'], ['a']],
          ['Add', ['x', 'a'], ['y']],
        ],
        constants: { s: integers(2 ** 45), z: integers(0), o: integers(1) },
      },
    ],
    [
      'a huge broadcast',
      {
        nodes: [
          ['Expand', ['o', 's'], ['a']],
          ['Add', ['x', 'a'], ['y']],
        ],
        constants: { s: integers(2 ** 30, 2 ** 20), o: integers(1) },
      },
    ],
  ])('does not compute %s', async (_, parts) => {
    const error = await failure(await makeFile(parts));
    expect((error as OnnxImportError).nodes[0]!.reason).toContain('must have at most 4194304 elements');
  });

  test('computes sizes that double a hundred times in no time', async () => {
    const nodes = Array.from(
      { length: 100 },
      (_, index) => ['Mul', [`s${index}`, `s${index}`], [`s${index + 1}`]] as const,
    );
    const file = await makeFile({
      nodes: [['Shape', ['x'], ['s0']], ...nodes, ['Reshape', ['x', 's100'], ['y']]],
      x: ['n', 3, 'h', 'w'],
    });
    expect(messageOf(await failure(file))).toContain('(Reshape)');
  });

  const networks: readonly [string, () => tf.LayersModel, readonly number[]][] = [
    ['mobileNetV3Small', () => conv.mobileNetV3Small({ classes: 5, inputShape: [null, null, 3] }), [2, 45, 47, 3]],
    ['shuffleNetV1', () => conv.shuffleNetV1({ classes: 5, alpha: 0.5, inputShape: [null, null, 3] }), [2, 45, 47, 3]],
    [
      'mobileNetUNet',
      () => conv.mobileNetUNet({ inputShape: [null, null, 3], alpha: 0.35, classes: 3 }),
      [1, 45, 47, 3],
    ],
    ['deformable mobileNetV2', () => conv.mobileNetV2({ classes: 5, alpha: 0.35, inputShape: [48, 48, 3], deformable: { last: 2 } }), [1, 48, 48, 3]], // prettier-ignore
    ['superResolution', () => conv.superResolution({ scale: 3, residual: true }), [1, 13, 15, 1]],
  ];

  test.each(networks)('imports %s of this package from its export', async (_, build, shape) => {
    const model = build();
    randomizeWeights(model);
    const imported = await importOnnx(await exportOnnx(model));
    const inputs = inputsOf(model, [shape], 3);
    const [want, got] = [runModel(model, inputs), runModel(imported, inputs)];
    expect(differenceOf(got[0]!.values, want[0]!.values)).toBeLessThan(1e-5);
    expect(imported.inputs[0]!.shape).toEqual(model.inputs[0]!.shape);
  });
});

describe('loadOnnx()', () => {
  const model = (): tf.LayersModel =>
    tf.sequential({
      layers: [conv.layers.conv2d({ filters: 16, kernelSize: 5, inputShape: [6, 6, 2], name: 'only' })],
    });

  test('reads a file of saveOnnx(), and its weights beside it', async () => {
    const saved = model();
    for (const externalData of [false, true]) {
      await saveOnnx(saved, inFolder('a.onnx'), { externalData });
      expect(weightsOf(await loadOnnx(inFolder('a.onnx')))).toEqual(weightsOf(saved));
    }
  });

  test('gives the model its class names and preprocessing; what is none is passed over', async () => {
    const size = { height: 6, width: 6, channels: 3, fit: 'crop', background: [1, 2, 3] } as const;
    const preprocessing = { ...size, scale: [0.1, 0.2, 0.3], offset: -1 };
    const scores = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [6, 6, 3] }), tf.layers.dense({ units: 2 })],
    });
    const classNames = ['é', 'b'];
    const notes = async (options: ExportOnnxOptions): Promise<unknown> =>
      (await importOnnx((await exportOnnx(scores, options)).slice().buffer)).getUserDefinedMetadata();
    expect(await notes({ classNames, preprocessing })).toEqual({ classNames, preprocessing });
    expect(await notes({ classNames, preprocessing: { scale: 1, offset: 0 } })).toBeUndefined();
    for (const text of ['{', '[]', '5']) expect(await notes({ metadata: { preprocessing: text } })).toBeUndefined();
  });

  test('refuses weights that lie elsewhere, and names the file', async () => {
    const file = inFolder('outside.onnx');
    const { toBinary, ModelProtoSchema } = await format();
    await saveOnnx(model(), file, { externalData: true });
    const stored = await decode(fs.readFileSync(file));
    for (const location of ['../secret', '/etc/passwd', '', 'a\\b', '..']) {
      for (const { externalData } of stored.graph!.initializer) {
        if (externalData.length > 0) externalData[0]!.value = location;
      }
      fs.writeFileSync(file, toBinary(ModelProtoSchema, stored));
      await expect(loadOnnx(file)).rejects.toThrow(`not in '${location}', received file = '${file}'`);
    }
    expect(fs.existsSync(path.join(path.dirname(file), 'secret'))).toBe(false);
  });

  test('needs a path of a file that is there', async () => {
    await expect(loadOnnx(inFolder('none.onnx'))).rejects.toThrow(
      'Cannot load from ONNX: there must be a readable file (ENOENT)',
    );
    await expect(loadOnnx(5 as unknown as string)).rejects.toThrow(TypeError);
  });
});
