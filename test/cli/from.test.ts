/** `train --from`: trained models as a start, frozen layers, and phases that resume to the same bits. */
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { TrainCommandOptions } from '../../src/cli/command_options.js';
import { checkPhases, freezeFor, phasesOf } from '../../src/cli/freezing.js';
import { openSource } from '../../src/cli/model_source.js';
import type { SourcedModel } from '../../src/cli/sourced_model.js';
import { phaseOf, PhasedRun } from '../../src/cli/phased_run.js';
import { PRETRAINED_NAMES } from '../../src/cli/start_source.js';
import * as conv from '../../src/index.js';
import { saveKeras, saveKerasWeights, saveOnnx } from '../../src/interop/index.js';
import { decodeCheckpoint, encodeCheckpoint, resume, type Checkpoint } from '../../src/training/checkpoint.js';
import type { SplitDataset } from '../../src/training/dataset.js';
import { loadModel, saveModel } from '../../src/training/model_files.js';
import { randomizeWeights } from '../interop/support/onnx_runtimes.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { weightBits } from '../training/support/tiny.js';
import { expectFailure, outcome, startCli, succeed } from './support.js';

const inFolder = temporaryFolder();
const SIZE = 16;

const OPTIONS = {
  task: 'classify',
  data: 'bars',
  model: 'mobileNetV1-shallow',
  from: 'source',
  alpha: 0.125,
  deformable: 2,
  epochs: 4,
  batch: 4,
  learningRate: 0.02,
  augmentation: true,
  fit: 'crop',
  seed: 3,
  backend: 'cpu',
  memory: 'normal',
  plots: false,
} as const satisfies TrainCommandOptions;

/** Images whose class is the place of a light row. */
function dataOf(classes: number, channels = 3, size = SIZE): SplitDataset {
  const count = 4 * classes;
  const labels = Int32Array.from({ length: count }, (_, index) => index % classes);
  const row = size * channels;
  const images = new Uint8Array(count * size * row);
  labels.forEach((label, index) =>
    images.fill(255, index * size * row + label * row, index * size * row + (label + 1) * row),
  );
  const classNames = Array.from({ length: classes }, (_, index) => `row ${index}`);
  const part = { images, labels, height: size, width: size, channels, classNames };
  return { name: 'rows', train: part, test: part };
}

const network = (classes: number, options: conv.MobileNetV1Options = {}): tf.LayersModel =>
  conv.mobileNetV1({ alpha: 0.125, inputShape: [SIZE, SIZE, 3], classes, shallow: true, downsampling: 1, ...options });

/** Options of a command line, and which of them were given. */
function given(options: Partial<TrainCommandOptions>): [TrainCommandOptions, (name: string) => boolean] {
  return [{ ...OPTIONS, ...options }, (name) => name in options];
}

async function sourceOf(options: Partial<TrainCommandOptions>, data: SplitDataset): Promise<SourcedModel> {
  const source = await openSource(...given(options), undefined);
  return source.build(data);
}

const valuesOf = (model: tf.LayersModel): Record<string, string> =>
  Object.fromEntries(model.weights.map((weight) => [weight.originalName, String(weight.read().dataSync())]));

let trained: tf.LayersModel;

beforeAll(async () => {
  await tf.setBackend('cpu');
  trained = network(4);
  randomizeWeights(trained);
  trained.setUserDefinedMetadata({ classNames: dataOf(4).train.classNames });
  await saveModel(trained, inFolder('source'));
  await saveKeras(trained, inFolder('source.keras'));
  await saveKerasWeights(trained, inFolder('source.weights.h5'));
});

describe('a model to start from', () => {
  test.each(['source', 'source/model.json', 'source.keras'])(
    'has a new head if the classes differ: %s',
    async (file) => {
      const { model, origin } = await sourceOf({ from: inFolder(file) }, dataOf(3));
      expect(origin).toBe(`${inFolder(file)}, with a new head for 3 classes`);
      expect(model.outputShape).toEqual([null, 3]);
      const [before, after] = [valuesOf(trained), valuesOf(model)];
      const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
      expect(changed).toEqual(['conv_preds/kernel', 'conv_preds/bias']);
      expect(valuesOf((await sourceOf({ from: inFolder(file) }, dataOf(3))).model)).toEqual(after);
    },
  );

  test.each(['source', 'source.keras'])('keeps its head if it has the classes: %s', async (file) => {
    const { model, origin } = await sourceOf({ from: inFolder(file) }, dataOf(4));
    expect(origin).toContain('with its own head for 4 classes');
    expect(valuesOf(model)).toEqual(valuesOf(trained));
  });

  test('gets a new head if its classes have other names', async () => {
    const data = dataOf(4);
    const train = { ...data.train, classNames: ['a', 'b', 'c', 'd'] };
    const { origin } = await sourceOf({ from: inFolder('source') }, { ...data, train });
    expect(origin).toContain('with a new head for 4 classes');
  });

  test('takes Keras weights for a network by name, all but those of a head of other classes', async () => {
    const named = {
      from: inFolder('source.weights.h5'),
      model: 'mobileNetV1-shallow',
      alpha: 0.125,
      downsampling: 1,
    } as const;
    const { model, origin } = await sourceOf(named, dataOf(3));
    expect(origin).toContain('with a new head for 3 classes');
    expect(valuesOf(model)).toMatchObject({ 'conv1/kernel': valuesOf(trained)['conv1/kernel'] });
    const same = await sourceOf(named, dataOf(4));
    expect(valuesOf(same.model)).toEqual(valuesOf(trained));
    // The width is 1 unless it is given, as that of most official weights.
    const { from, model: name, downsampling } = named;
    await expect(sourceOf({ from, model: name, downsampling }, dataOf(3))).rejects.toThrow(
      'misshapen: conv1/kernel is [3, 3, 3, 4] in the file',
    );
  });

  test('gets deformable layers that compute the same at first', async () => {
    const { model } = await sourceOf({ from: inFolder('source'), deformable: 2 }, dataOf(4));
    const kinds = model.layers.filter((layer) => layer.getClassName() === 'Convolutions>DeformableConv2D');
    expect(kinds.map(({ name }) => name)).toEqual(['conv_dw_7', 'conv_dw_8']);
    const x = tf.randomUniform([2, SIZE, SIZE, 3], -1, 1, 'float32', 1);
    const [got, want] = [model, trained].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    got!.forEach((value, index) => {
      expect(value).toBeCloseTo(want![index]!, 5);
    });
  });

  test('says the size and channels of its images', async () => {
    const shapeOf = async (options: Partial<TrainCommandOptions>): Promise<number[]> => {
      const { height, width, channels } = (await openSource(...given(options), undefined)).expected!;
      return [height, width, channels];
    };
    const from = inFolder('source');
    expect(await shapeOf({ from })).toEqual([SIZE, SIZE, 3]);
    await expect(shapeOf({ from, size: 32 })).rejects.toThrow(
      'Cannot train: the model of --from takes images of 16×16 pixels, received --size = 32',
    );
    const named = { from: 'x.weights.h5', model: 'mobileNetV2' } as const;
    expect(await shapeOf(named)).toEqual([96, 96, 3]);
    expect(await shapeOf({ ...named, size: 64 })).toEqual([64, 64, 3]);
  });

  test('keeps the preprocessing that it records, except for what the command line chooses', async () => {
    const preprocessing = {
      ...{ height: SIZE, width: SIZE, channels: 3, fit: 'contain', background: [1, 2, 3] },
      ...{ scale: [0.5, 0.25, 0.125], offset: [0, -1, 2] },
    };
    const recorded = await loadModel(inFolder('source'));
    recorded.setUserDefinedMetadata({ classNames: ['a'], preprocessing });
    await saveModel(recorded, inFolder('recorded'));
    const from = inFolder('recorded');
    const expectedOf = async (options: Partial<TrainCommandOptions>): Promise<unknown> =>
      (await openSource(...given(options), undefined)).expected;
    expect(await expectedOf({ from })).toEqual(preprocessing);
    expect(await expectedOf({ from, fit: 'stretch' })).toEqual({ ...preprocessing, fit: 'stretch' });
    expect(await expectedOf({ from, range: [0, 255] })).toEqual({ ...preprocessing, scale: 1, offset: 0 });
  });

  test.each([
    ['mobileNetV2', 3, 'its own'],
    ['mobileNetV2', 4, 'a new'],
    ['squeezeNet', 3, 'its own'],
    ['squeezeNet', 5, 'a new'],
  ] as const)('may be an ONNX file of scores: %s, whose %d classes have %s head', async (name, classes, head) => {
    const side = 2 * SIZE;
    const shared = { inputShape: [side, side, 3], classes: 3, classifierActivation: 'linear' as const };
    const scores =
      name === 'squeezeNet'
        ? conv.squeezeNet(shared)
        : conv.mobileNetV2({ ...shared, alpha: 0.35, variant: 'torchvision' });
    await saveOnnx(scores, inFolder('scores.onnx'));
    const { model, origin } = await sourceOf({ from: inFolder('scores.onnx') }, dataOf(classes));
    expect(origin).toBe(`${inFolder('scores.onnx')}, with ${head} head for ${classes} classes`);
    const x = tf.randomUniform([2, side, side, 3], -1, 1, 'float32', 1);
    const got = model.predict(x) as tf.Tensor;
    expect(got.shape).toEqual([2, classes]);
    const sums = tf.sum(got, -1).dataSync();
    expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-5);
    const kernelOf = (each: tf.LayersModel): unknown => each.weights[0]!.read().arraySync();
    expect(kernelOf(model)).toEqual(kernelOf(scores));
    if (classes !== 3) return;
    const want = tf.softmax(scores.predict(x) as tf.Tensor);
    expect(tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]).toBeLessThan(1e-5);
  });

  test.each(PRETRAINED_NAMES)('may be a network of the package: %s', async (from) => {
    const { expected, build } = await openSource(...given({ from }), undefined);
    expect(expected).toMatchObject({ height: 64, width: 64, channels: 3 });
    const { model, origin } = await build(dataOf(3, 3, 64));
    expect([origin, model.outputShape]).toEqual([`${from}, with a new head for 3 classes`, [null, 3]]);
    const deformable = model.layers.filter((layer) => layer instanceof conv.DeformableConv2D);
    expect(deformable.length).toBe(from.endsWith('-deformable') ? 2 : 0);
  });

  test.each([
    [{ from: 'source.weights.h5' }, "option '--model' must name the network"],
    [{ from: 'source', model: 'mobileNetV2' }, "option '--model' is only used with '--from' for a Keras file"],
    [{ from: 'source', alpha: 0.5 }, "option '--alpha' is only used with '--from' if '--model' names the network"],
    [
      { from: 'source', deformable: 30 },
      'the model has 9 convolutions that can be deformable, received --deformable = 30',
    ],
    [{ from: 'nowhere' }, 'there must be a model.json'],
    [
      { from: 'tanh' },
      "it must end in softmax or sigmoid, or in no activation, received activation of 'scores' = tanh",
    ],
    [{ from: 'vector' }, 'the model must take images [height, width, channels] with 1 or 3 channels'],
    [{ from: 'truncated.keras' }, 'the archive must be complete'],
    [{ from: 'truncated.h5', model: 'mobileNetV1-shallow', downsampling: 1 }, 'the file must be complete, valid HDF5'],
  ] as const)('is refused if it does not fit, by name (%#)', async (options, message) => {
    const scores = tf.layers.dense({ name: 'scores', units: 3, activation: 'tanh' });
    const input = tf.layers.inputLayer({ inputShape: [SIZE, SIZE, 3] });
    await saveModel(tf.sequential({ layers: [input, tf.layers.flatten(), scores] }), inFolder('tanh'));
    await saveModel(tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] }), inFolder('vector'));
    fs.writeFileSync(inFolder('truncated.keras'), fs.readFileSync(inFolder('source.keras')).subarray(0, 20_000));
    fs.writeFileSync(inFolder('truncated.h5'), fs.readFileSync(inFolder('source.weights.h5')).subarray(0, 20_000));
    await expect(sourceOf({ ...options, from: inFolder(options.from) }, dataOf(3))).rejects.toThrow(message);
  });
});

describe('frozen layers', () => {
  const trainedNames = (): string => trained.trainableWeights.map(({ originalName }) => originalName).join(' ');

  afterEach(() => {
    conv.unfreeze(trained);
  });

  test.each([
    ['all', /^conv_preds\/kernel conv_preds\/bias$/, /^1 of 35 layers with weights \(516 parameters\)$/],
    ['none', /^conv1\/kernel conv1_bn\/gamma /, /^35 of 35 layers/],
    [2, /^conv_dw_1\/depthwise_kernel /, /^33 of 35 layers/],
    ['conv_pw_7_bn', /^conv_dw_8\/depthwise_kernel /, /^5 of 35 layers/],
    ['normalizations', /^conv1\/kernel conv_dw_1\/depthwise_kernel (?!.*_bn)/, /^18 of 35 layers/],
  ] as const)('--freeze %s', (frozen, names, line) => {
    conv.freeze(trained);
    expect(freezeFor(trained, { frozen })).toMatch(line);
    expect(trainedNames()).toMatch(names);
  });

  test('one layer must be left, and a name must be one of the model', () => {
    expect(() => freezeFor(trained, { frozen: 35 })).toThrow('one of the 35 layers with weights to train');
    expect(() => freezeFor(trained, { frozen: 'conv_9' })).toThrow("received upTo = 'conv_9'");
  });

  test('two phases share the epochs', () => {
    const two = phasesOf({ ...OPTIONS, unfreezeAfter: 3 });
    expect(two.map(({ start, epochs, learningRate, frozen }) => [start, epochs, learningRate, frozen])).toEqual([
      [0, 3, 0.02, 'all'],
      [3, 1, 0.002, 'normalizations'],
    ]);
    expect(phasesOf({ ...OPTIONS, unfreezeAfter: 1, unfreezeRate: 0.5, freeze: 7 })).toMatchObject([
      { frozen: 7 },
      { learningRate: 0.5 },
    ]);
  });

  test.each([
    [{ unfreezeAfter: 4 }, "option '--unfreeze-after' must be below the number of epochs, 4, received 4"],
    [{ unfreezeAfter: 1, freeze: 'none' }, "option '--unfreeze-after' cannot be used with '--freeze none'"],
    [{ unfreezeAfter: 1, keepBest: true }, "option '--unfreeze-after' cannot be used with '--keep-best'"],
    [{ unfreezeRate: 0.1 }, "option '--unfreeze-rate' is only used with '--unfreeze-after'"],
    [{ from: undefined, freeze: 'all' }, "option '--freeze' is only used with '--from'"],
  ] as const)('options that do not go together are refused (%#)', (options, message) => {
    expect(() => {
      checkPhases({ ...OPTIONS, ...options } as TrainCommandOptions);
    }).toThrow(message);
  });
});

describe('two phases', () => {
  const TWO = { ...OPTIONS, from: 'source', unfreezeAfter: 2 };
  const newRun = async (checkpoint?: Checkpoint): Promise<PhasedRun> => {
    const model = await loadModel(inFolder('source'));
    const phases = new PhasedRun(model, dataOf(4), TWO, checkpoint && phaseOf(checkpoint, TWO));
    if (checkpoint) await resume(phases.trainer, checkpoint);
    return phases;
  };

  /** Trains for so many steps, or to the end. */
  async function train(phases: PhasedRun, steps = Infinity): Promise<void> {
    const stop = new AbortController();
    let done = 0;
    const onStep = (): void => {
      if (++done === steps) stop.abort();
    };
    while ((await phases.trainer.run({ signal: stop.signal, onStep })) && phases.next());
  }

  const figures = ({ history }: PhasedRun): object[] => history.map((record) => ({ ...record, seconds: 0 }));

  test('train the head, then all layers but normalisations, and resume in either to the same bits', async () => {
    const whole = await newRun();
    const before = valuesOf(whole.model);
    expect(whole.trained).toMatch(/^1 of 35/);
    await train(whole, 8);
    const head = valuesOf(whole.model);
    const changed = (from: Record<string, string>, to: Record<string, string>): string[] =>
      Object.keys(from).filter((name) => from[name] !== to[name]);
    expect(changed(before, head)).toEqual(['conv_preds/kernel', 'conv_preds/bias']);
    await train(whole);
    const after = valuesOf(whole.model);
    expect(changed(head, after)).toContain('conv1/kernel');
    expect(changed(head, after).filter((name) => name.includes('_bn/'))).toEqual([]);
    expect(whole.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);

    // Within the first phase, at its end, and within the second.
    for (const steps of [3, 8, 11]) {
      const stopped = await newRun();
      await train(stopped, steps);
      const bytes = await encodeCheckpoint(stopped.trainer, stopped.notes);
      const resumed = await newRun(await decodeCheckpoint(bytes, 'checkpoint'));
      await train(resumed);
      expect(weightBits(resumed.model)).toEqual(weightBits(whole.model));
      expect(figures(resumed)).toEqual(figures(whole));
    }
  });

  test.each([{ phase: 2 }, { phase: 1, earlier: [] }, { phase: 1, earlier: [{ epoch: 1 }, {}] }, { phase: 'x' }])(
    'refuses a checkpoint of a phase that the run does not have (%#)',
    async (notes) => {
      const bytes = await encodeCheckpoint((await newRun()).trainer, notes);
      const forged = await decodeCheckpoint(bytes, 'forged');
      expect(() => phaseOf(forged, TWO)).toThrow("must have been saved by 'train', received file = 'forged'");
    },
  );
});

test('train --from a grey run on colours: stopped, resumed without the source, evaluated', async () => {
  writeIdxFolder(inFolder('bars'), { train: 24, test: 6, classes: 3 });
  const options = ['--data', 'bars', '--epochs', '3', '--batch', '2', '--no-plots', '--unfreeze-after', '1'];
  const line = ['train', '--from', 'source.keras', ...options, '--freeze', 'conv_pw_8_bn'];
  const whole = await succeed([...line, '--out', 'whole'], inFolder());
  expect(whole.stdout).toContain('from     source.keras, with a new head for 3 classes\n');
  expect(whole.stdout).toContain('trains   1 of 35 layers with weights (387 parameters)\n');
  expect(whole.stdout).toMatch(/after epoch 1, trains 18 of 35 layers/);
  expect(fs.readdirSync(inFolder('whole'))).toEqual([
    ...['checkpoint.bin', 'history.csv', 'history.json', 'model', 'run.json'],
  ]);

  fs.copyFileSync(inFolder('source.keras'), inFolder('moved.keras'));
  const run = startCli(['train', '--from', 'moved.keras', ...line.slice(3), '--out', 'stopped'], inFolder());
  await run.until('after epoch 2');
  run.process.kill('SIGINT');
  expect((await run.result).stdout).toMatch(/stopped in epoch 3 of 3, step \d+ of 12; continue with/);
  fs.rmSync(inFolder('moved.keras'));
  const resumed = await succeed(['train', '--resume', '--out', 'stopped', '--no-plots'], inFolder());
  expect(resumed.stdout).toMatch(/continuing after epoch 2 of 3, step \d+\n/);
  expect(await outcome(inFolder('stopped'))).toEqual(await outcome(inFolder('whole')));
  expect(fs.readdirSync(inFolder('stopped'))).toEqual(fs.readdirSync(inFolder('whole')));

  const small = await succeed(['convert', 'whole', 'small', '--weights', 'uint8'], inFolder());
  expect(small.stdout).toMatch(
    /^written to small: \d+ KiB of weights\ntest accuracy with weights in uint8 [\d.]+ %, in float32 [\d.]+ %\n$/,
  );

  const { stdout } = await succeed(['evaluate', 'stopped', '--data', 'bars'], inFolder());
  expect(stdout).toContain('data     bars: 6 test images\n');
  const refused = ['train', '--from', 'source', '--freeze', 'nothing', '--data', 'bars', '--out', 'x'];
  await expectFailure(
    refused,
    inFolder(),
    1,
    "upTo must be the name of a layer of the model, received upTo = 'nothing'",
  );

  // Images that are gone leave the converted model as it is.
  fs.renameSync(inFolder('bars'), inFolder('gone'));
  const alone = await succeed(['convert', 'whole', 'alone', '--weights', 'uint8'], inFolder());
  expect(alone.stdout).toMatch(/^written to alone: \d+ KiB of weights\naccuracy not measured: Cannot .*bars'\n$/);
  expect(fs.readdirSync(inFolder('alone')).sort()).toEqual(['model.json', 'weights.bin']);
});
