/** Whole models to and from files, without Keras: what is kept, what is refused, and files of other kinds. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { unzipSync, zipSync } from 'fflate';
import { CorruptFileError } from '../../src/errors.js';
import * as conv from '../../src/index.js';
import { writeHdf5, type NewGroup } from '../../src/interop/hdf5.js';
import { writeArchive } from '../../src/interop/keras_archive.js';
import { KerasModelError, loadKeras, saveKeras } from '../../src/interop/index.js';
import { LAYERS } from '../../src/layers/registry.js';
import { randomTensor } from '../layers/support/layers.js';
import { randomize } from '../models/support/models.js';
import { LAYER_CASES } from './support/keras_layers.js';
import { failure, fixture, fixtureWeights, small, weightsOf } from './support/small_model.js';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('wasm');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keras-whole-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

type Json = Record<string, unknown>;

const input = (shape: readonly (number | null)[], name = 'x'): Json => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_shape: [null, ...shape], dtype: 'float32' },
  inbound_nodes: [],
});
const tensor = (layer: string, call = 0, output = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype: 'float32', keras_history: [layer, call, output] },
});
const layer = (
  className: string,
  name: string,
  config: Json,
  from: readonly Json[] = [tensor('x')],
  kwargs = {},
): Json => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: [{ args: from.length === 1 ? from : [from], kwargs }],
});
const model = (layers: readonly Json[], output: readonly unknown[] = [layers.at(-1)!['name'], 0, 0]): Json => ({
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: ['x', 0, 0], output_layers: output },
});

async function archive(config: unknown, weights: NewGroup = {}): Promise<Uint8Array> {
  return writeArchive('test', { config, weights: await writeHdf5('test', { groups: { layers: weights, vars: {} } }) });
}

async function refusal(config: unknown, weights?: NewGroup): Promise<Error> {
  return failure(archive(config, weights).then(loadKeras));
}

describe('loadKeras()', () => {
  test.each(['keras_2.h5.gz', 'keras_2.keras.gz', 'keras_3_3.keras.gz', 'keras_3_15.keras.gz', 'keras_3_15.h5.gz'])(
    'loads the model of %s: layers, weights and values',
    async (file) => {
      const tensors = tf.memory().numTensors;
      const loaded = await loadKeras(fixture(file));
      const want = small();
      const weights = fixtureWeights(want);
      expect(Object.values(weightsOf(loaded))).toEqual(Object.values(weights));
      expect(loaded.layers.filter(({ weights: own }) => own.length > 0).map(({ name }) => name)).toEqual(
        expect.arrayContaining(['stem', 'depthwise', 'separable', 'norm', 'head']),
      );
      expect(loaded.getLayer('norm')).toBeInstanceOf(conv.BatchNormalization);
      tf.tidy(() => {
        want.weights.forEach((weight, index) => {
          weight.write(loaded.weights[index]!.read());
        });
        const x = randomTensor(1, [2, 6, 7, 3]);
        const values = (want.predict(x) as tf.Tensor).dataSync();
        (loaded.predict(x) as tf.Tensor).dataSync().forEach((value, index) => {
          expect(value / values[index]!).toBeCloseTo(1, 5);
        });
      });
      for (const each of [loaded, want]) for (const weight of each.weights) weight.dispose();
      expect(tf.memory().numTensors).toBe(tensors);
    },
  );

  test('describes weights by their initializers, and can save what it has loaded', async () => {
    const file = path.join(folder, 'again.keras');
    const first = await loadKeras(fixture('keras_3_15.keras.gz'));
    expect(first.getLayer('stem').getConfig()['kernelInitializer']).toEqual({
      className: 'VarianceScaling',
      config: { scale: 1, mode: 'fanAvg', distribution: 'uniform' },
    });
    await saveKeras(first, file);
    const second = await loadKeras(file);
    expect(second.toJSON(null, false)).toEqual(first.toJSON(null, false));
    expect(weightsOf(second)).toEqual(weightsOf(first));
    [first, second].forEach((each) => each.dispose());
  });

  test('lists every layer that cannot be computed, with the reason', async () => {
    const wide = { kernel_size: [1, 1], activation: 'linear' };
    const inner = { ...model([input([4]), layer('Lambda', 'f', {})]), name: 'inner', inbound_nodes: [] };
    const error = await refusal(
      model([
        input([4]),
        layer('Dense', 'a', { units: 2, quantization_config: { mode: 'int8' } }),
        layer('ReLU', 'b', { max_value: 6, negative_slope: 0.1 }),
        layer('BatchNormalization', 'c', { synchronized: true }),
        layer('Dense', 'd', { units: 2, activation: 'hard_sigmoid' }),
        layer('Conv3D', 'e', { ...wide, filters: 2, groups: 2 }),
        { ...layer('Mine', 'g', {}), registered_name: 'mine>Mine' },
        layer('Dense', 'h', { units: 2, dtype: { config: { name: 'float16' } } }),
        layer('Dense', 'i', { units: 2, kernel_initializer: 'mine' }),
        layer('Dense', 'j', { units: 2 }, [tensor('x')], { mask: tensor('x') }),
        layer('Dense', 'k', { units: -1 }),
        layer('Rescaling', 'l', { scale: [1, 'two'] }),
        inner,
        layer('Dense', 'good', { units: 2 }),
      ]),
    );
    if (!(error instanceof KerasModelError)) throw error;
    const { problems } = error;
    expect(problems.map(({ layer: name, reason }) => `${name}: ${reason}`)).toEqual([
      'a: it has no option quantization_config = {"mode":"int8"}',
      'b: its ReLU has only one of max_value, negative_slope and threshold',
      'c: it has no option synchronized = true',
      "d: it has no activation 'hard_sigmoid'",
      'e: it has no option groups = 2',
      'g: it has no layer of this class',
      "h: its numbers are float32, not 'float16'",
      "i: it has no kernel_initializer 'Mine'",
      expect.stringContaining('j: its call takes no mask = '),
      expect.stringContaining('k: Dense has other options there: '),
      "l: its scale must be numbers, not [1, 'two']",
      'inner/f: it has no layer of this class',
    ]);
    expect(error.message).toMatch(
      /^Cannot load the Keras model: TensorFlow.js must be able to compute every layer \('a' \(Dense\): it has .*, received file = '\d+ bytes'$/,
    );
    expect(error.message).not.toContain('\n');
  });

  test('computes what layers with other options, operators and keepdims do in Keras', async () => {
    const from = (name: string): readonly Json[] => [tensor(name)];
    const bytes = await archive(
      model([
        input([2, 2, 3]),
        layer('ReLU', 'leaky', { negative_slope: 0.5 }),
        layer('ReLU', 'threshold', { threshold: 0.25 }, from('leaky')),
        layer('GlobalAveragePooling2D', 'pool', { data_format: 'channels_last', keepdims: true }, from('threshold')),
        layer('Activation', 'gate', { activation: 'hard_sigmoid' }, from('pool')),
        { ...layer('Add', 'plus', {}), module: 'keras.src.ops.numpy', inbound_nodes: [{ args: [tensor('gate'), 2] }] },
        {
          ...layer('Multiply', 'times', {}),
          module: 'keras.src.ops.numpy',
          inbound_nodes: [{ args: [tensor('plus'), tensor('x')] }],
        },
        layer('RandomFlip', 'flip', { mode: 'horizontal' }, from('times')),
        layer('RandomShear', 'shear', { x_factor: 0.1 }, from('flip')),
      ]),
    );
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const loaded = await loadKeras(bytes);
    expect(warned.mock.calls).toEqual([[expect.stringContaining("whose layers 'shear' change images at random")]]);
    warned.mockRestore();
    tf.tidy(() => {
      const x = randomTensor(1, [2, 2, 2, 3]) as tf.Tensor4D;
      const leaky = tf.leakyRelu(x, 0.5);
      const pooled = tf.mean(tf.mul(leaky, tf.cast(tf.greater(leaky, 0.25), 'float32')), [1, 2], true);
      const gate = tf.div(tf.relu6(tf.add(pooled, 3)), 6);
      const want = tf.mul(tf.add(gate, 2), x).dataSync();
      (loaded.predict(x) as tf.Tensor).dataSync().forEach((value, index) => {
        expect(value).toBeCloseTo(want[index]!, 5);
      });
    });
    expect(loaded.layers.map(({ name }) => name)).toEqual(expect.arrayContaining(['pool_1', 'pool', 'gate', 'flip']));
    expect(loaded.getLayer('flip').getConfig()).toMatchObject({ mode: 'horizontal', seed: null });
  });

  test('takes calls of nested models from any version of Keras, and calls in any order', async () => {
    const nested = (calls: readonly unknown[]): Json => ({
      ...model([input([4]), layer('Rescaling', 'half', { scale: 0.5, offset: 1 })]),
      name: 'nested',
      inbound_nodes: calls,
    });
    const shared = (calls: readonly unknown[]): Json => ({
      ...layer('Rescaling', 'twice', { scale: 2, offset: 0 }),
      inbound_nodes: calls,
    });
    const keras3 = model(
      [
        input([4]),
        // Its second call comes first.
        shared([{ args: [tensor('nested', 1)] }, { args: [tensor('x')] }]),
        nested([{ args: [tensor('twice', 1)] }, { args: [tensor('nested', 0)] }, { args: [tensor('twice', 0)] }]),
      ],
      ['nested', 3, 0],
    );
    const old = JSON.parse(JSON.stringify(keras3).replaceAll('batch_shape', 'batch_input_shape')) as Json;
    const layers = (old['config'] as Json)['layers'] as Json[];
    layers[1]!['inbound_nodes'] = [[['nested', 2, 0, {}]], [['x', 0, 0, {}]]];
    layers[2]!['inbound_nodes'] = [[['twice', 1, 0, {}]], [['nested', 1, 0, {}]], [['twice', 0, 0, {}]]];
    for (const config of [keras3, old]) {
      const loaded = await loadKeras(await archive(config));
      // ((x · 2 / 2 + 1) / 2 + 1) · 2 / 2 + 1
      tf.tidy(() => {
        expect((loaded.predict(tf.tensor2d([[0, 1, 2, 3]])) as tf.Tensor).arraySync()).toEqual([[2.5, 3, 3.5, 4]]);
      });
    }
  });

  const dense = layer('Dense', 'd', { units: 2 });
  const loop = [
    layer('Rescaling', 'a', { scale: 1 }, [tensor('b')]),
    layer('Rescaling', 'b', { scale: 1 }, [tensor('a')]),
  ];
  test.each<readonly [string, unknown, string]>([
    ['a subclassed model', { class_name: 'Mine', config: {} }, 'the model must be Sequential or Functional'],
    ['no configuration', {}, 'the model must be Sequential or Functional'],
    ['no layers', { class_name: 'Functional', config: { name: 'm' } }, 'the configuration must list the layers'],
    ['a layer without a class', model([input([4]), { name: 'a', config: {} }]), 'must give the class and the name of every layer'],
    ['two layers of one name', model([input([4]), dense, dense]), 'the names of layers must be unique'],
    ['a call of a missing layer', model([input([4]), layer('Dense', 'd', {}, [tensor('y')])]), "must have output 0 of call 0 of 'y'"],
    ['a call that is not made', model([input([4]), dense], ['d', 1, 0]), "must have output 0 of call 1 of 'd'"],
    ['an output that is not there', model([input([4]), dense], ['d', 0, 2]), "must have output 2 of call 0 of 'd'"],
    ['a negative call', model([input([4]), dense], ['d', -1, 0]), "must have output 0 of call -1 of 'd'"],
    ['layers in a circle', model([input([4]), ...loop]), 'must not depend on themselves'],
    ['no outputs', model([input([4]), dense], []), "the model 'm' must have inputs and outputs"],
    ['an input that is no input layer', { ...model([{ ...dense, name: 'x' }]) }, 'must be input layers'],
    ['a sequential model that is not built', { class_name: 'Sequential', config: { name: 's', layers: [dense] } }, 'must have been built'],
    ['layers that do not fit together', model([input([4, 4]), layer('Flatten', 'f', {}), layer('Conv2D', 'c', { filters: 1, kernel_size: 1 }, [tensor('f')])]), 'must fit together'],
    ['a weight that is not in the file', model([input([1_000_000]), layer('Dense', 'd', { units: 1_000_000 })]), 'the file has no weight of shape [1000000, 1000000]'],
  ])('refuses %s', async (_, config, rule) => {
    const error = await refusal(config);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.message).toContain(rule);
  }); // prettier-ignore

  test('refuses files with weights alone, other weights, and other arguments', async () => {
    await expect(loadKeras(fixture('keras_3_15.weights.h5.gz'))).rejects.toThrow('the file must contain a model');
    const kernel = { shape: [4, 2], values: new Float32Array(8) };
    const weights = { groups: { dense: { groups: { vars: { arrays: { 0: kernel } } } } } };
    await expect(archive(model([input([4]), dense]), weights).then(loadKeras)).rejects.toThrow(
      '2 missing: d/kernel [4, 2]',
    );
    await expect(loadKeras(7 as unknown as string)).rejects.toThrow(TypeError);
    await expect(loadKeras(path.join(folder, 'absent.keras'))).rejects.toThrow(RangeError);
  });

  test('keeps nothing of a file that it refuses', async () => {
    const tensors = tf.memory().numTensors;
    const bytes = fixture('keras_3_15.keras.gz');
    const entries = unzipSync(bytes);
    const config = JSON.parse(Buffer.from(entries['config.json']!).toString()) as { config: { layers: Json[] } };
    (config.config.layers.find(({ name }) => name === 'stem')!['config'] as Json)['filters'] = 3;
    const forged = await writeArchive('test', { config, weights: entries['model.weights.h5']! });
    await expect(loadKeras(forged)).rejects.toThrow('is [3, 3, 3, 4] in the file and must be [3, 3, 3, 3]');
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

test('every layer has a module in the Python package, and a case that compares the two', () => {
  const list = fs.readFileSync(path.join(__dirname, '../../python/tfjs_convolutions/layers/__init__.py'), 'utf8');
  const modules = [...list.matchAll(/^from \S+ import (\w+)$/gm)].map((match) => match[1]!);
  const classes = LAYERS.map(({ className }) => className.replace('Convolutions>', ''));
  expect(modules.sort()).toEqual([...classes].sort());
  const compared = new Set(LAYER_CASES.map(({ build }) => build().getClassName().replace('Convolutions>', '')));
  expect(classes.filter((each) => !compared.has(each))).toEqual([]);
});

/** A layer of a program. */
class Odd extends tf.layers.Layer {
  static readonly className = 'Odd';
}

describe('saveKeras()', () => {
  /** A model with a nested one that is called twice, two inputs and two outputs. */
  function forked(): tf.LayersModel {
    const [a, b] = [tf.input({ shape: [5, 5, 3], name: 'a' }), tf.input({ shape: [5, 5, 3], name: 'b' })];
    const x = tf.input({ shape: [5, 5, 3], name: 'inner_x' });
    const y = conv.layers.batchNormalization({ name: 'bn', activation: 'relu' }).apply(x);
    const inner = tf.model({ name: 'inner', inputs: x, outputs: conv.layers.identity({ name: 'relu' }).apply(y) as tf.SymbolicTensor });
    const [first, second] = [inner.apply(a), inner.apply(b)] as tf.SymbolicTensor[];
    const shared = conv.layers.conv2d({ name: 'shared', filters: 3, kernelSize: 3, padding: [[1, 1], [1, 1]] });
    const sum = tf.layers.add({ name: 'sum' }).apply([shared.apply(first!), shared.apply(second!)] as tf.SymbolicTensor[]);
    const tail = tf.sequential({ name: 'tail', layers: [tf.layers.flatten({ name: 'flat', inputShape: [5, 5, 3] }), tf.layers.dense({ name: 'scores', units: 2 })] });
    return tf.model({ name: 'forked', inputs: [a, b], outputs: [tail.apply(sum) as tf.SymbolicTensor, second!] });
  } // prettier-ignore

  test('writes what loadKeras() reads: graph, weights and values', async () => {
    const file = path.join(folder, 'forked.keras');
    const made = forked();
    randomize(made);
    const tensors = tf.memory().numTensors;
    await saveKeras(made, file);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('forked'))).toEqual(['forked.keras']);
    const loaded = await loadKeras(file);
    expect(loaded.name).toBe('forked');
    expect(loaded.getLayer('tail')).toBeInstanceOf(tf.Sequential);
    expect(Object.values(weightsOf(loaded))).toEqual(Object.values(weightsOf(made)));
    tf.tidy(() => {
      const inputs = [randomTensor(1, [2, 5, 5, 3]), randomTensor(2, [2, 5, 5, 3])];
      const values = (each: tf.LayersModel): number[][] =>
        (each.predict(inputs) as tf.Tensor[]).map((y) => [...y.dataSync()]);
      values(loaded).forEach((output, index) => {
        output.forEach((value, at) => {
          expect(value).toBeCloseTo(values(made)[index]![at]!, 5);
        });
      });
    });
  });

  test('writes pairs of layers of which one does the work of the other as what they are in Keras', async () => {
    const file = path.join(folder, 'pairs.keras');
    await saveKeras(conv.mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.35, classes: 3 }), file);
    const { layers } = (JSON.parse(Buffer.from(unzipSync(fs.readFileSync(file))['config.json']!).toString()) as {
      config: { layers: { class_name: string; name: string; config: Json }[] };
    }).config;
    expect([...new Set(layers.map(({ class_name: each }) => each))].sort()).toEqual(
      ['Add', 'BatchNormalization', 'Conv2D', 'Dense', 'DepthwiseConv2D', 'Dropout', 'GlobalAveragePooling2D', 'InputLayer', 'ReLU', 'ZeroPadding2D'].filter((each) =>
        layers.some((written) => written.class_name === each),
      ),
    );
    const find = (name: string): Json => layers.find((each) => each.name === name)!.config;
    expect(find('Conv1_relu')).toMatchObject({ max_value: 6 });
    expect(find('block_1_pad')).toMatchObject({ padding: [[0, 1], [0, 1]] });
    expect(find('block_1_depthwise')).toMatchObject({ padding: 'valid' });
  }); // prettier-ignore

  test('keeps the metadata of the model; what is not an object is refused', async () => {
    const file = path.join(folder, 'noted.keras');
    const made = small();
    const notes = { classNames: ['é', 'b'], preprocessing: { scale: 0.1 } };
    made.setUserDefinedMetadata(notes);
    await saveKeras(made, file);
    expect((await loadKeras(file)).getUserDefinedMetadata()).toEqual(notes);
    await saveKeras(small(), file);
    expect((await loadKeras(file)).getUserDefinedMetadata()).toBeUndefined();
    const entries = unzipSync(fs.readFileSync(file));
    for (const [metadata, rule] of [
      ['{"tfjs_convolutions":[]}', 'tfjs_convolutions in metadata.json must be an object'],
      ['{', 'metadata.json must be JSON'],
    ] as const) {
      const forged = zipSync({ ...entries, 'metadata.json': Buffer.from(metadata) });
      await expect(loadKeras(forged)).rejects.toThrow(`Cannot load the Keras model: ${rule}, received file = `);
    }
  });

  test('lists every layer that Keras cannot compute, and writes nothing', async () => {
    const file = path.join(folder, 'refused.keras');
    const x = tf.input({ shape: [4, 4, 3] });
    const layers = [
      conv.layers.pointwiseConv2d({ name: 'packed', filters: 2, precision: 'half' }),
      tf.layers.upSampling2d({ name: 'up', interpolation: 'bilinear' }),
      tf.layers.depthwiseConv2d({ name: 'deep', kernelSize: 2, dilationRate: 2 }),
      tf.layers.conv2d({ name: 'a/b', filters: 2, kernelSize: 1 }),
      tf.layers.centerCrop({ name: 'crop', height: 2, width: 2 }),
      tf.layers.resizing({ name: 'size', height: 4, width: 4 }),
      new Odd({ name: 'odd' }),
    ];
    const outputs = layers.reduce<tf.SymbolicTensor>((y, each) => each.apply(y) as tf.SymbolicTensor, x);
    const error = await failure(saveKeras(tf.model({ inputs: x, outputs }), file));
    if (!(error instanceof KerasModelError)) throw error;
    expect(error.problems.map(({ layer: name }) => name)).toEqual(layers.map(({ name }) => name));
    expect(error.message).toContain('Cannot save the Keras model: Keras must be able to compute every layer (');
    expect(error.message).toContain("'crop' (CenterCrop): that of TensorFlow.js has other values");
    expect(error.message).toContain("'odd' (Odd): Keras has no layer of this class");
    expect(error.message).toContain('its kernel is packed in half precision');
    expect(fs.existsSync(file)).toBe(false);
  });

  test('refuses other arguments', async () => {
    const made = small();
    await expect(saveKeras(made, path.join(folder, 'small.h5'))).rejects.toThrow('the file name must end in .keras');
    await expect(saveKeras(made, 7 as unknown as string)).rejects.toThrow(TypeError);
    await expect(saveKeras({} as unknown as tf.LayersModel, path.join(folder, 'a.keras'))).rejects.toThrow(TypeError);
    made.dispose();
  });
});
