/**
 * Training by the Python package, on one process and under torchrun. Alone it does what the TypeScript trainer does, to
 * rounding; two and four processes do what one does; and a run of which any process is killed ends as if it had not been.
 *
 *     CLUSTER_EVERY=1 npm test -- --selectProjects node test/interop/cluster.test.ts
 *
 * kills twenty times instead of three.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import * as conv from '../../src/index.js';
import { loadKeras, saveKeras } from '../../src/interop/index.js';
import { dataFingerprint } from '../../src/training/fingerprint.js';
import {
  evaluate,
  loadIdx,
  loadImageFolder,
  loadImages,
  preprocessingOf,
  Trainer,
  type SplitDataset,
} from '../../src/training/index.js';
import { Random } from '../support/random.js';
import { torchAbsence, trainTogether, TrainProcess, type TrainingResult } from './support/cluster.js';

const LARGEST_DIFFERENCE = 1e-4;

jest.setTimeout(900_000);

const SIDE = 8;
const CLASSES = 4;
/** The last batch of 10 has one image: of four processes, three have none. */
const IMAGES = { train: 51, test: 23 } as const;
const EPOCHS = 2;
/** Processes that share a busy machine start at different times. */
const OPTIONS = ['--timeout', '300', '--batch', '10', '--epochs', String(EPOCHS), '--seed', '3'];

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

/** Images of patterns with noise, in the files of `loadIdx`. */
function writeIdx(target: string): void {
  fs.mkdirSync(target);
  const random = new Random(5);
  const patterns = Array.from({ length: CLASSES }, () => random.array([SIDE * SIDE], 0, 127).data);
  for (const [part, count] of [
    ['train', IMAGES.train],
    ['t10k', IMAGES.test],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, index) => index % CLASSES);
    const images = [...labels].flatMap((label) => {
      const noise = random.array([SIDE * SIDE], 0, 127).data;
      return Array.from(noise, (value, pixel) => Math.floor(value + patterns[label]![pixel]!));
    });
    const write = (name: string, shape: readonly number[], values: Iterable<number>): void => {
      const header = Buffer.alloc(4 + 4 * shape.length);
      [0x800 + shape.length, ...shape].forEach((value, index) => header.writeUInt32BE(value, 4 * index));
      fs.writeFileSync(path.join(target, name), Buffer.concat([header, Uint8Array.from(values)]));
    };
    write(`${part}-images-idx3-ubyte`, [count, SIDE, SIDE], images);
    write(`${part}-labels-idx1-ubyte`, [count], labels);
  }
}

/** Images in colour with transparent pixels, wider than high: five of each class. */
async function writeWideImages(target: string): Promise<void> {
  const random = new Random(6);
  for (let index = 0; index < 20; index++) {
    const label = index % CLASSES;
    const pixels = Uint8Array.from(random.array([SIDE * 2 * SIDE * 4], 0, 256).data, (value, position) => {
      return position % 4 === 3 ? 255 * Number(position % 5 > 0) : Math.floor(value / (1 + label));
    });
    fs.mkdirSync(path.join(target, String(label)), { recursive: true });
    const image = sharp(pixels, { raw: { width: 2 * SIDE, height: SIDE, channels: 4 } });
    await image.png().toFile(path.join(target, String(label), `${index}.png`));
  }
}

/** The same images as files by class. */
async function writeImages(target: string, { train }: SplitDataset): Promise<void> {
  for (const [index, label] of train.labels.entries()) {
    fs.mkdirSync(path.join(target, String(label)), { recursive: true });
    const pixels = train.images.slice(index * SIDE * SIDE, (index + 1) * SIDE * SIDE) as Uint8Array;
    const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace('b-w');
    await image.png().toFile(path.join(target, String(label), `${String(index).padStart(2, '0')}.png`));
  }
  fs.writeFileSync(path.join(target, 'notes.txt'), 'none of the images');
}

/**
 * Every normalization there is, and a deformable layer. No bias comes before a normalization: its gradient is nothing but
 * rounding, which Adam makes as large as any.
 */
function build(dropout: number): tf.LayersModel {
  const { layers } = conv;
  const same = { kernelSize: 3, padding: 'same' } as const;
  const mid = { midBatchNormalization: true, midActivation: 'relu6' } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...same, filters: 6, useBias: false, inputShape: [SIDE, SIDE, 1] }),
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.reLU(),
      layers.depthwiseSeparableConv2d({ ...same, ...mid, filters: 8, useBias: false }),
      layers.batchNormalization({ momentum: 0.9, activation: 'relu' }),
      layers.deformableConv2d({ ...same, filters: 8, activation: 'relu' }),
      ...(dropout === 0 ? [] : [tf.layers.dropout({ rate: dropout })]),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
}

/** Rows of a history by column. */
function historyOf(run: string): Record<string, number>[] {
  const [header, ...rows] = fs.readFileSync(at(run, 'history.csv'), 'utf8').trim().split('\n');
  const names = header!.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, index) => [names[index]!, Number(value)])));
}

function recordOf(run: string): { readonly weights: string; readonly data: { readonly test: string } } {
  return JSON.parse(fs.readFileSync(at(run, 'run.json'), 'utf8')) as ReturnType<typeof recordOf>;
}

function expectSuccess({ status, stderr }: TrainingResult): void {
  if (status !== 0) throw new Error(stderr);
}

/** Losses and accuracies must be those of another run. */
function expectSameHistory(run: string, expected: readonly Record<string, number>[], tolerance: number): void {
  const history = historyOf(run);
  expect(history).toHaveLength(expected.length);
  const differences = history.flatMap((row, index) =>
    ['epoch', 'loss', 'accuracy', 'test_loss', 'test_accuracy', 'learning_rate']
      .map((name) => ({ epoch: index + 1, name, ours: row[name]!, theirs: expected[index]![name]! }))
      .filter(({ ours, theirs }) => !(Math.abs(ours - theirs) <= tolerance * Math.abs(theirs))),
  );
  expect(differences).toEqual([]);
}

const absence = torchAbsence();
const suite = absence === undefined ? describe : describe.skip;

suite(
  absence === undefined ? 'training in Python [torchrun]' : `training in Python [torchrun: skipped, ${absence}]`,
  () => {
    let python: TrainProcess;
    const train = (out: string, model = 'model.keras', ...more: string[]): string[] => {
      return ['--model', at(model), '--data', at('idx'), '--out', at(out), ...OPTIONS, ...more];
    };

    beforeAll(async () => {
      await tf.setBackend('wasm');
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cluster-'));
      writeIdx(at('idx'));
      await saveKeras(build(0.3), at('model.keras'));
      python = new TrainProcess();
      expectSuccess(await python.run(train('alone')));
    });
    afterAll(async () => {
      await python.close();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    test('one process gives the history of the TypeScript trainer', async () => {
      const model = build(0);
      await saveKeras(model, at('plain.keras'));
      expectSuccess(await python.run(train('plain', 'plain.keras')));
      const data = await loadIdx(at('idx'));
      const options = { epochs: EPOCHS, batchSize: 10, learningRate: 0.015, seed: 3 };
      const trainer = new Trainer(model, data, { ...options, augmentation: { zoom: 0.1, shift: 0.1 } });
      await trainer.run();
      const expected = trainer.state.history.map(({ epoch, loss, accuracy, testLoss, testAccuracy, learningRate }) => {
        const own = { test_loss: testLoss, test_accuracy: testAccuracy, learning_rate: learningRate };
        return { epoch, loss, accuracy, ...own };
      });
      expectSameHistory('plain', expected, 1e-4);
      trainer.dispose();
    });

    test('loadKeras() opens the result, which computes the same', async () => {
      const { test: images } = await loadIdx(at('idx'));
      const { loss } = await evaluate(await loadKeras(at('alone', 'model.keras')), images);
      expect(Math.abs(loss - historyOf('alone').at(-1)!['test_loss']!)).toBeLessThan(LARGEST_DIFFERENCE);
    });

    test('a folder of images has the pixels, the split and the classes that it has in TypeScript', async () => {
      await writeImages(at('images'), await loadIdx(at('idx')));
      const options = ['--model', at('model.keras'), '--data', at('images'), '--seed', '3', '--epochs', '1'];
      const found = await python.run([...options, '--out', at('of_images')]);
      expectSuccess(found);
      expect(found.stderr).toBe(`note: skipped in '${at('images')}': 1 file beside the folders (notes.txt)\n`);
      const data = await loadImageFolder(at('images'), { size: SIDE, seed: 3, onLeftOut: () => undefined });
      const fingerprint = await dataFingerprint({ ...data, train: data.test });
      expect(recordOf('of_images').data.test).toBe(fingerprint);
    });

    test('images are prepared as the model records, or as options choose, and the result records it', async () => {
      await writeWideImages(at('wide'));
      const model = build(0);
      const recorded = { height: SIDE, width: SIDE, channels: 1, fit: 'crop', background: [10, 200, 30] };
      const preprocessing = { ...recorded, scale: 0.02, offset: -2 };
      model.setUserDefinedMetadata({ preprocessing });
      await saveKeras(model, at('recorded.keras'));
      const chosen = ['--fit', 'contain', '--range', '-2,3', '--background', 'black'];
      const ofRange = { fit: 'contain', background: [0, 0, 0], scale: 5 / 255, offset: -2 };
      for (const [out, more, expected] of [
        ['as_recorded', [], preprocessing],
        ['as_chosen', chosen, { ...preprocessing, ...ofRange }],
      ] as const) {
        const data = ['--data', at('wide'), '--out', at(out), '--epochs', '1', '--seed', '3'];
        expectSuccess(await python.run(['--model', at('recorded.keras'), ...data, ...more]));
        const loaded = await loadKeras(at(out, 'model.keras'));
        expect(loaded.getUserDefinedMetadata()).toEqual({
          classNames: ['0', '1', '2', '3'],
          seed: 3,
          preprocessing: expected,
        });
        const images = await loadImages(at('wide'), { preprocessing: preprocessingOf(loaded), seed: 3 });
        const { loss } = await evaluate(loaded, images.test);
        // Decoders round the brightness of colours differently.
        expect(Math.abs(loss - historyOf(out)[0]!['test_loss']!)).toBeLessThan(1e-3 * loss);
      }
    });

    test('a run that SIGTERM stopped ends, resumed, with the weights of one that it did not', async () => {
      const stopped = await python.run(train('stopped', 'model.keras', '--checkpoint-seconds', '0'), '1 2');
      expect([stopped.status, stopped.stderr]).toEqual([143, '']);
      expect(stopped.stdout).toContain('stopped in epoch 2 of 2, step 3 of 6; continue with --resume --out');
      const other = await python.run(['--resume', '--out', at('stopped'), '--seed', '4']);
      expect([other.status, other.stderr]).toEqual([
        1,
        `error: Cannot resume: the checkpoint '${at('stopped', 'checkpoint.bin')}' belongs to a run with seed = 3, received seed = 4\n`,
      ]);
      expectSuccess(await python.run(['--resume', '--out', at('stopped')]));
      expect(recordOf('stopped').weights).toBe(recordOf('alone').weights);
    });

    test('a checkpoint that is truncated, changed or of something else is one error, which names it', async () => {
      fs.mkdirSync(at('corrupt'));
      const file = at('corrupt', 'checkpoint.bin');
      const whole = fs.readFileSync(at('alone', 'checkpoint.bin'));
      const changed = Buffer.from(whole);
      changed[changed.length - 5]! ^= 1;
      const lines = whole.indexOf('\n') + 1;
      const sign = (body: Buffer): Buffer => {
        const digest = createHash('sha256').update(body).digest('hex');
        return Buffer.concat([whole.subarray(0, lines), Buffer.from(`${digest}\n`), body]);
      };
      const body = whole.subarray(lines + 65);
      const forged = Buffer.from(body.toString('latin1').replace('"epoch": 2', '"epoch": 9'), 'latin1');
      const another = 'the file must be a checkpoint of tfjs_convolutions.train';
      const incomplete = 'the file must be complete and unchanged (its checksum differs)';
      const unlisted = 'the file must have the contents that its header lists';
      for (const [rule, contents] of [
        [another, Buffer.from('PK')],
        [incomplete, changed],
        [incomplete, whole.subarray(0, -9)],
        [unlisted, sign(body.subarray(0, -4))],
        [unlisted, sign(forged)],
        [unlisted, sign(Buffer.alloc(8, 255))],
      ] as const) {
        fs.writeFileSync(file, contents);
        const { status, stderr } = await python.run(['--resume', '--out', at('corrupt')]);
        expect([status, stderr]).toEqual([
          1,
          `error: Cannot load the checkpoint: ${rule}, received file = '${file}'\n`,
        ]);
      }
    });

    test.each([
      [
        ['--epochs', '0'],
        2,
        "option '--epochs <count>' argument '0' is invalid. It must be an integer from 1 to 1000000.",
      ],
      [
        ['--learning-rate', '2'],
        2,
        "option '--learning-rate <rate>' argument '2' is invalid. It must be above 0 and at most 1.",
      ],
      [
        ['--precision', 'int8'],
        2,
        "option '--precision <type>' argument 'int8' is invalid. Allowed choices are float32, bfloat16.",
      ],
      [
        ['--range', '-1'],
        2,
        "option '--range <black,white>' argument '-1' is invalid. It must be two numbers separated by a comma.",
      ],
      [
        ['--background', 'green'],
        2,
        "option '--background <colour>' argument 'green' is invalid. It must be white, black or '#rrggbb'.",
      ],
      [['--std', '1'], 1, 'Cannot prepare the images: --std must come with --mean, received --std = [1.0]'],
      [['--alpha', '1'], 2, "unknown option '--alpha'"],
      [['--seed'], 2, "option '--seed' argument missing"],
      [
        ['--data', 'absent'],
        1,
        "Cannot load data: --data must be 'mnist' or an existing folder, received --data = 'absent'",
      ],
      [['--model', 'absent'], 1, "Cannot load the model: there must be such a file, received --model = 'absent'"],
    ])('%s is refused', async (more, status, message) => {
      const found = await python.run([...train('refused'), ...more]);
      expect([found.status, found.stderr]).toEqual([status, `error: ${message}\n`]);
      expect(found.stdout).toBe('');
    });

    test('an archive of images is refused, which TypeScript reads', async () => {
      fs.writeFileSync(at('images.zip'), 'PK');
      const { status, stderr } = await python.run([...train('refused'), '--data', at('images.zip')]);
      const rule =
        'only the TypeScript command reads archives and lists; here --data must be a folder with a folder for each class';
      expect([status, stderr]).toEqual([
        1,
        `error: Cannot load data: ${rule}, received --data = '${at('images.zip')}'\n`,
      ]);
    });

    test('a new run leaves another one alone', async () => {
      const { status, stderr } = await python.run(train('alone'));
      expect([status, stderr]).toEqual([
        1,
        `error: Cannot train: --out must be a new or empty folder (--resume continues the run in it), received --out = '${at('alone')}'\n`,
      ]);
    });

    test('bfloat16 trains in mixed precision, near float32', async () => {
      expectSuccess(await python.run(train('half', 'model.keras', '--precision', 'bfloat16')));
      const [half, single] = [historyOf('half'), historyOf('alone')].map((rows) => rows.at(-1)!['loss']!);
      expect(half).not.toBe(single);
      expect(Math.abs(half! - single!)).toBeLessThan(0.1 * single!);
    });

    describe.each([2, 4])('%i processes', (processes) => {
      const whole = `of_${processes}`;

      test('have the history of one', async () => {
        expectSuccess(await trainTogether(processes, train(whole)));
        expectSameHistory(whole, historyOf('alone'), LARGEST_DIFFERENCE);
      });

      // Rank, epoch and step.
      const few = processes === 2 ? ['0 1 2', '1 0 3'] : ['2 1 4'];
      const many = Array.from(
        { length: 10 },
        (_, index) => `${index % processes} ${Math.floor(index / processes) % EPOCHS} ${(5 * index + 1) % 6}`,
      );
      const kills = process.env['CLUSTER_EVERY'] === undefined ? few : many;
      test.each(kills)('end with the same weights if one is killed (rank, epoch, step: %s)', async (kill) => {
        const out = `killed_${processes}_${kill.replaceAll(' ', '_')}`;
        // The run continues from a checkpoint of the last step, or from that of the last epoch.
        const found = await trainTogether(
          processes,
          train(out, 'model.keras', '--checkpoint-seconds', kill[0] === '0' ? '60' : '0'),
          kill,
        );
        expectSuccess(found);
        expect(found.stdout).toContain('continuing after epoch');
        expect(recordOf(out).weights).toBe(recordOf(whole).weights);
      });
    });
  },
);
