/** Segmentation on the command line: train, resume, evaluate and predict, on a folder of images and masks. */
import fs from 'node:fs';
import { decodeMask } from '../../src/training/mask_png.js';
import { encodeMask, writeMaskFolder } from '../training/support/mask_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, runCli, snapshot, succeed } from './support.js';

const inFolder = temporaryFolder();
const SMALL = '--task segment --data squares --size 32 --alpha 0.05 --batch 5 --learning-rate 0.01'.split(' ');

beforeAll(async () => {
  writeMaskFolder(inFolder('squares'), 20, 32);
  const options = ['--epochs', '4', '--out', 'run', '--augment', 'flip,shift=0.05', '--keep-best'];
  const { stdout } = await succeed(['train', ...SMALL, ...options], inFolder());
  expect(stdout).toContain('data     squares: 16 training and 4 test images of 32×32×3, 2 classes\n');
  expect(stdout).toMatch(/test accuracy \d+\.\d\d % of the pixels, mean IoU \d+\.\d\d %, loss \d+\.\d{3}\n/);
  expect(stdout).toMatch(/predictions\.png +test images, their masks and the predicted ones\n/);
});

test('train writes a picture of predictions, and --resume keeps the task', async () => {
  const png = fs.readFileSync(inFolder('run/predictions.png'));
  // Four images in three rows, each three times as large, with four pixels between them.
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([4 * 100 + 4, 3 * 100 + 4]);
  const before = snapshot(inFolder('run'));
  await succeed(['train', '--resume', '--out', 'run'], inFolder());
  expect(snapshot(inFolder('run'))).toEqual(before);
});

test('train --from goes on from a model that segments', async () => {
  const options = ['--task', 'segment', '--data', 'squares', '--from', 'run', '--freeze', 'all', '--epochs', '1'];
  const { stdout } = await succeed(['train', ...options, '--no-plots', '--out', 'second'], inFolder());
  expect(stdout).toContain('from     run, with its own head for 2 classes\ntrains   1 of ');
  expect(stdout).toMatch(/test accuracy \d+\.\d\d % of the pixels/);
});

test('evaluate measures the overlap on the data of the run, and draws the worst images', async () => {
  const { stdout } = await succeed(['evaluate', 'run', '--out', 'pictures'], inFolder());
  expect(stdout).toContain('data     squares: 4 test images\n');
  expect(stdout).toMatch(/test accuracy \S+ %, mean IoU \S+ %, mean Dice \S+ %, loss/);
  expect(stdout).toMatch(/^ground +\d,\d{3} /m);
  expect(stdout).toMatch(/^mean +4,096 /m);
  expect(Object.keys(snapshot(inFolder('pictures')))).toEqual(['confusion.svg', 'worst.png']);
});

test('predict writes a mask of the size of each image, with the names of the classes', async () => {
  fs.mkdirSync(inFolder('trip/deep'), { recursive: true });
  fs.copyFileSync(inFolder('squares/images/0.png'), inFolder('trip/a.png'));
  const wide = encodeMask(new Uint8Array(20 * 60).fill(90), [20, 60], { type: 0 });
  fs.writeFileSync(inFolder('trip/deep/wide.png'), wide);
  const { status, stderr, stdout } = await runCli(['predict', 'run', 'trip', '--out', 'masks'], inFolder());
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/^note: 2 masks in \d+\.\d s, written to masks\n$/);
  expect(JSON.parse(fs.readFileSync(inFolder('masks/classes.json'), 'utf8'))).toEqual(['ground', 'square']);
  const maskOf = (name: string): ReturnType<typeof decodeMask> =>
    decodeMask('read', name, fs.readFileSync(inFolder('masks', name)));
  const { values, ...size } = maskOf('a.png');
  expect(size).toEqual({ height: 32, width: 32 });
  expect([...new Set(values)].every((value) => value < 2)).toBe(true);
  const { values: cropped, height, width } = maskOf('deep/wide.png');
  expect([height, width]).toEqual([20, 60]);
  // The model sees the middle third of the image.
  cropped.forEach((value, at) => {
    expect(value === 255).toBe(at % 60 < 20 || at % 60 >= 40);
  });
});

test('predict replaces its own masks, and no file of anyone else', async () => {
  const predict = ['predict', 'run', 'squares/images', '--out'];
  const both = async (): Promise<number[]> => {
    const results = [await runCli([...predict, 'twice'], inFolder()), await runCli([...predict, 'twice'], inFolder())];
    return results.map(({ status }) => status!);
  };
  expect(await both()).toEqual([0, 0]);
  const before = snapshot(inFolder('squares'));
  const others = "option '--out' must be outside the folder of the images 'squares/images', received out = ";
  await expectFailure([...predict, 'squares/images'], inFolder(), 2, `${others}'squares/images'`);
  await expectFailure([...predict, 'squares/images/masks'], inFolder(), 2, `${others}'squares/images/masks'`);
  const kept = 'the folder of the masks must hold no other file of this name, received file = ';
  await expectFailure([...predict, 'squares'], inFolder(), 1, `${kept}'squares/classes.json'`);
  await expectFailure([...predict, 'squares/masks'], inFolder(), 1, `${kept}'squares/masks/0.png'`);
  const one = ['predict', 'run', 'squares/images/0.png', '--out', 'squares/images'];
  await expectFailure(one, inFolder(), 1, `${kept}'squares/images/0.png'`);
  expect(snapshot(inFolder('squares'))).toEqual(before);
});

test.each([
  ['train --task segment', 2, "option '--task segment' needs option '--data' with a folder of images and masks"],
  ['train --task segment --data mnist', 2, "option '--task segment' needs option '--data'"],
  [
    'train --task segment --data squares --model mobileNetV1',
    2,
    "option '--model mobileNetV1' cannot be used with option '--task segment'",
  ],
  [
    'train --data squares --model deepLabV3Plus',
    2,
    "option '--model deepLabV3Plus' cannot be used with option '--task classify'",
  ],
  [
    'train --data squares --from run',
    1,
    "its output must be the classes of an image with '--task classify', received output = [32, 32, 2]",
  ],
  [
    'train --task segment --data squares --model mobileNetUNet --from x.keras',
    2,
    "option '--model' must name a classifier with '--from'",
  ],
  ['predict run squares/images', 2, "option '--out' must be a folder for the masks of a model that segments"],
  ['predict run squares/images --out other --top 3', 2, "option '--top' cannot be used with a model that segments"],
  ['predict run squares/images squares/images/0.png --out other', 1, 'no two images may have masks of one name'],
  ['predict run squares/images --out squares/classes.json', 1, 'Cannot '],
])('%s fails', async (line, status, message) => {
  await expectFailure(line.split(' '), inFolder(), status, message);
});

test('train lists masks that are missing', async () => {
  writeMaskFolder(inFolder('holes'), 4, 32);
  for (const name of ['1', '2']) fs.rmSync(inFolder(`holes/masks/${name}.png`));
  const line = [...SMALL, '--data', 'holes', '--out', 'new'];
  const message =
    'no mask may be missing or wrong, but 2 are: images/1.png: every image must have a mask; images/2.png';
  await expectFailure(['train', ...line], inFolder(), 1, message);
  expect(fs.existsSync(inFolder('new'))).toBe(false);
});
