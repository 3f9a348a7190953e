/** The files of exportOnnx() and saveOnnx(): their names, layouts, weights and metadata, and what cannot be exported. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import * as conv from '../../src/index.js';
import { exportOnnx, OnnxExportError, saveOnnx, type ExportOnnxOptions } from '../../src/interop/index.js';
import { toHalf } from '../../src/interop/onnx/half.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import {
  inputsOf,
  randomizeWeights,
  runFile,
  runModel,
  worstDifference,
  type Runtime,
} from './support/onnx_runtimes.js';

const runtime = ort as unknown as Runtime;
const inFolder = temporaryFolder();

/** Reads a file. */
async function read(file: Uint8Array) {
  const { fromBinary } = await import('@bufbuild/protobuf');
  const { ModelProtoSchema } = await import('onnx-buf');
  return fromBinary(ModelProtoSchema, file);
}

const typesOf = (nodes: readonly { readonly opType: string }[]): string[] => nodes.map(({ opType }) => opType);

function smallNetwork(inputShape: tf.Shape = [null, null, 3]): tf.LayersModel {
  const model = tf.sequential({
    name: 'small',
    layers: [
      conv.layers.conv2d({ name: 'first', filters: 4, kernelSize: 3, padding: 1, useBias: false, inputShape }),
      conv.layers.batchNormalization({ name: 'first_bn', activation: 'relu' }),
      conv.layers.deformableConv2d({ name: 'deformed', filters: 5, kernelSize: 3, padding: 'same' }),
      tf.layers.globalAveragePooling2d({ name: 'pooled', dataFormat: 'channelsLast' }),
      tf.layers.dense({ name: 'scores', units: 3 }),
    ],
  });
  randomizeWeights(model);
  return model;
}

beforeAll(() => tf.setBackend('cpu'));

describe('exportOnnx()', () => {
  it('writes operator set 19 in version 9 of the format, with named axes that vary', async () => {
    const { irVersion, opsetImport, graph, producerName } = await read(await exportOnnx(smallNetwork()));
    expect([irVersion, producerName, graph!.name]).toEqual([9n, 'tfjs-convolutions', 'small']);
    expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 19n]]);
    const dims = [graph!.input[0]!, graph!.output[0]!].map(({ name, type }) => {
      const { case: kind, value } = type!.value;
      return [name, kind === 'tensorType' ? value.shape!.dim.map((dim) => dim.value.value) : undefined];
    });
    expect(dims).toEqual([
      ['first_input', ['batch', 'height', 'width', 3n]],
      ['scores', ['batch', 3n]],
    ]);
  });

  it('names the last node of a layer after it, the others after layer and operator', async () => {
    const { graph } = await read(await exportOnnx(smallNetwork()));
    expect(graph!.node.map(({ name, opType }) => [name, opType])).toEqual([
      ['first/Transpose', 'Transpose'],
      ['first', 'Conv'],
      ['first_bn/BatchNormalization', 'BatchNormalization'],
      ['first_bn', 'Relu'],
      ['deformed/Conv', 'Conv'],
      ['deformed/Split', 'Split'],
      ['deformed/Sigmoid', 'Sigmoid'],
      ['deformed', 'DeformConv'],
      ['pooled/GlobalAveragePool', 'GlobalAveragePool'],
      ['pooled', 'Flatten'],
      ['scores', 'Gemm'],
    ]);
    expect(graph!.initializer.map(({ name }) => name)).toContain('deformed/offset_kernel');
  });

  it('folds batch normalisations on request', async () => {
    const model = smallNetwork();
    const before = tf.memory().numTensors;
    const { graph } = await read(await exportOnnx(model, { foldBatchNormalization: true }));
    expect(typesOf(graph!.node).slice(0, 4)).toEqual(['Transpose', 'Conv', 'Relu', 'Conv']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('uses no DeformConv in the decomposed form, and no Where without the guard', async () => {
    const types = async (options: ExportOnnxOptions): Promise<string[]> =>
      typesOf((await read(await exportOnnx(smallNetwork(), options))).graph!.node);
    const guarded = await types({ deformable: 'decomposed' });
    expect(guarded.filter((type) => type === 'GridSample')).toHaveLength(9);
    expect(guarded).not.toContain('DeformConv');
    expect(guarded).toContain('Where');
    expect(await types({ deformable: 'decomposed', nanGuard: false })).not.toContain('Where');
  });

  it('adds each tap to the sum before the next one is sampled, which keeps the memory of onnxruntime flat', async () => {
    const model = tf.sequential({
      layers: [conv.layers.deformableConv2d({ filters: 2, kernelSize: 2, inputShape: [5, 5, 3], name: 'deformed' })],
    });
    const { graph } = await read(await exportOnnx(model, { deformable: 'decomposed' }));
    const nodes = graph!.node.slice(graph!.node.findIndex(({ opType }) => opType === 'GridSample'));
    const steps = nodes.filter(({ opType }) => ['GridSample', 'Conv', 'Add'].includes(opType));
    const tap = ['GridSample', 'Conv', 'Add'];
    expect(typesOf(steps)).toEqual(['GridSample', 'Conv', ...tap, ...tap, ...tap]);
    steps.forEach(({ opType, input }, index) => {
      if (opType === 'Add') expect(input[0]).toBe(steps[index - 1]!.output[0]);
    });
  });

  const network = (dataFormat: 'channelsLast' | 'channelsFirst', inputShape: tf.Shape): tf.LayersModel => {
    const model = tf.sequential({
      layers: [
        conv.layers.conv2d({ filters: 4, kernelSize: 3, dataFormat, inputShape, name: 'first' }),
        conv.layers.maxPooling2d({ dataFormat, name: 'last' }),
      ],
    });
    randomizeWeights(model);
    return model;
  };
  const flipped = (values: Float32Array | Int32Array, shape: readonly number[], perm: number[]): Float32Array =>
    tf.tidy(() => tf.transpose(tf.tensor(values, [...shape]), perm).dataSync() as Float32Array);

  it.each([
    ['channelsLast', 'nhwc', 1],
    ['channelsLast', 'nchw', 0],
    ['channelsFirst', 'nchw', 0],
    ['channelsFirst', 'nhwc', 1],
  ] as const)('takes and gives images of a %s model in the layout %s', async (dataFormat, layout, transposes) => {
    const isFirst = dataFormat === 'channelsFirst';
    const model = network(dataFormat, isFirst ? [3, 8, 6] : [8, 6, 3]);
    const file = await exportOnnx(model, { layout });
    const isOwn = (layout === 'nchw') === isFirst;
    const types = typesOf((await read(file)).graph!.node);
    expect(types.filter((type) => type === 'Transpose')).toHaveLength(2 * transposes);
    const [input] = inputsOf(model, [isFirst ? [2, 3, 8, 6] : [2, 8, 6, 3]], 5);
    const [want] = runModel(model, [input!]);
    const perm = isFirst ? [0, 2, 3, 1] : [0, 3, 1, 2];
    const shapeOf = (shape: readonly number[]): number[] => perm.map((axis) => shape[axis]!);
    const given = isOwn
      ? input!
      : { ...input!, shape: shapeOf(input!.shape), values: flipped(input!.values, input!.shape, perm) };
    const wanted = isOwn
      ? want!
      : { ...want!, shape: shapeOf(want!.shape), values: flipped(want!.values, want!.shape, perm) };
    const [got] = await runFile(runtime, file, [[given]]);
    expect(worstDifference(got!, [wanted])).toBeLessThan(1e-5);
  });

  it('takes other sizes of images than the model where its layers allow them', async () => {
    const model = smallNetwork([8, 8, 3]);
    const file = await exportOnnx(model, { inputShape: [null, null, 3] });
    const inputs = inputsOf(model, [[1, 5, 9, 3]], 3);
    const larger = smallNetwork();
    larger.setWeights(model.getWeights());
    const [got] = await runFile(runtime, file, [inputs]);
    const [want] = runModel(larger, inputs);
    expect(worstDifference(got!, [{ ...want!, name: 'scores' }])).toBeLessThan(1e-5);
  });

  it('stores kernels as float16 on request', async () => {
    const model = smallNetwork();
    const inputs = inputsOf(model, [[1, 7, 6, 3]], 3);
    const [single, half] = [await exportOnnx(model), await exportOnnx(model, { weights: 'float16' })];
    expect(half.length).toBeLessThan(0.8 * single.length);
    const [got] = await runFile(runtime, half, [inputs]);
    const difference = worstDifference(got!, runModel(model, inputs));
    expect(difference).toBeGreaterThan(1e-5);
    expect(difference).toBeLessThan(5e-3);
  });

  it('stores class names, preprocessing and other texts as metadata', async () => {
    const options = {
      classNames: ['cat', 'dog "x"', 'é'],
      preprocessing: { scale: [1, 2, 3], offset: -1 },
      metadata: { author: 'é' },
    };
    const { metadataProps } = await read(await exportOnnx(smallNetwork(), options));
    expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toEqual({
      author: 'é',
      class_names: '["cat","dog \\"x\\"","é"]',
      preprocessing: '{"scale":[1,2,3],"offset":-1}',
    });
  });

  it('lists every layer that it cannot export, with name and reason, in one error', async () => {
    const image = tf.input({ shape: [6, 6, 2], name: 'image' });
    const inner = tf.sequential({
      name: 'inner',
      layers: [tf.layers.conv3d({ name: 'deep', filters: 1, kernelSize: 1, inputShape: [6, 6, 2, 1] })],
    });
    const x = tf.layers.reshape({ targetShape: [6, 6, 2, 1] }).apply(image);
    const y = tf.layers.reshape({ targetShape: [6, 6, 2] }).apply(inner.apply(x));
    const training = conv.layers.dropout({ rate: 0.5, name: 'always' }).apply(y, { training: true });
    const z = tf.layers.flatten({ name: 'flat' }).apply(training);
    const model = tf.model({ inputs: image, outputs: tf.layers.dense({ units: 1 }).apply(z) as tf.SymbolicTensor });
    const error = await exportOnnx(model).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OnnxExportError);
    expect((error as OnnxExportError).layers).toEqual([
      { name: 'inner/deep', className: 'Conv3D', reason: 'there is no converter for this class' },
      { name: 'always', className: 'Convolutions>Dropout', reason: 'it is called with training: true' },
    ]);
    expect((error as Error).message).toBe(
      'Cannot export to ONNX: every layer must have a form in ONNX, received layers = inner/deep (Conv3D): there is no ' +
        'converter for this class; always (Convolutions>Dropout): it is called with training: true',
    );
  });

  it('says which layer needs to know the size of its input', async () => {
    const model = tf.sequential({
      layers: [tf.layers.flatten({ name: 'flat', inputShape: [4, 4, 2] }), tf.layers.dense({ units: 2, name: 'two' })],
    });
    await expect(exportOnnx(model, { inputShape: [null, null, 2] })).rejects.toThrow(
      /layers = flat \(Flatten\): The shape/,
    );
    await expect(exportOnnx(model, { inputShape: [4, 6, 2] })).rejects.toThrow(
      /layers = two \(Dense\): its kernel is for 32 inputs and would get 48/,
    );
  });

  it('refuses kernels that float16 cannot hold', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], name: 'large' })] });
    model.setWeights([tf.tensor2d([[65505]]), tf.tensor1d([1e6])]);
    await expect(exportOnnx(model, { weights: 'float16' })).rejects.toThrow(
      /large \(Dense\): the values of its kernel must be at most 65504 for float16/,
    );
  });

  it('refuses a model without layers', async () => {
    await expect(exportOnnx(tf.sequential())).rejects.toThrow(/^Cannot export to ONNX: the model must have an input/);
  });
});

describe('toHalf()', () => {
  it.each([
    [0, 0], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [65519, 0x7bff], [65520, 0x7c00], [Infinity, 0x7c00],
    [2 ** -14, 0x0400], [2 ** -24, 0x0001], [2 ** -25, 0], [1.5 * 2 ** -25, 0x0001], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -14 * (1 - 2 ** -11), 0x0400], [NaN, 0x7e00],
  ])('rounds %p to the bits %i', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  }); // prettier-ignore
});

test('exportOnnx() refuses kernels in half precision', async () => {
  const half = conv.foldBatchNormalization(smallNetwork(), { precision: 'half' });
  await expect(exportOnnx(half)).rejects.toThrow('first (Convolutions>Conv2D): its kernel is packed in half precision');
});

describe('saveOnnx()', () => {
  it('writes the file of exportOnnx()', async () => {
    const model = smallNetwork();
    await saveOnnx(model, inFolder('small.onnx'));
    expect(new Uint8Array(fs.readFileSync(inFolder('small.onnx')))).toEqual(await exportOnnx(model));
    expect(fs.readdirSync(inFolder())).toEqual(['small.onnx']);
  });

  it('writes large weights to a second file on request, from which onnxruntime reads them', async () => {
    const model = tf.sequential({
      layers: [conv.layers.conv2d({ filters: 40, kernelSize: 3, inputShape: [6, 6, 3] }), tf.layers.flatten(), tf.layers.dense({ units: 9 })],
    }); // prettier-ignore
    randomizeWeights(model);
    await saveOnnx(model, inFolder('large.onnx'), { externalData: true });
    expect(fs.statSync(inFolder('large.onnx')).size).toBeLessThan(3000);
    expect(fs.statSync(inFolder('large.onnx.data')).size).toBe(2 * 4096 + 640 * 9 * 4);
    const inputs = inputsOf(model, [[2, 6, 6, 3]], 1);
    const [got] = await runFile(runtime, inFolder('large.onnx'), [inputs]);
    expect(worstDifference(got!, runModel(model, inputs))).toBeLessThan(1e-5);
  });

  it('refuses a name that does not end in .onnx, and leaves no file behind', async () => {
    await expect(saveOnnx(smallNetwork(), inFolder('a.tflite'))).rejects.toThrow(/the file name must end in \.onnx/);
    expect(fs.existsSync(inFolder('a.tflite'))).toBe(false);
  });
});
