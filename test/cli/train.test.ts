/** The command `train`, from its arguments to the files it writes. */
import fs from 'node:fs';
import { writeImageFolder } from '../training/support/image_files.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { snapshot, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();

beforeAll(() => {
  writeIdxFolder(inFolder('bars'), { train: 60, test: 12, classes: 3, gzip: true });
});

test('train writes model, history, plots and checkpoint, and lists them', async () => {
  const { stdout } = await succeed(['train', '--data', 'bars', '--epochs', '3', '--batch', '8', ...TINY], inFolder());
  expect(stdout).toMatch(/backend {2}wasm \(SIMD, \d+ threads?\)\n/);
  expect(stdout).toContain('data     bars: 60 training and 12 test images of 16×16×1, 3 classes\n');
  expect(stdout).toMatch(/conv_dw_8 +DeformableConv2D +8×8×64/);
  expect(stdout).toMatch(/epoch 3\/3 step 8\/8: loss \d+\.\d{3}, accuracy \d+\.\d %, \d+ images\/s, 0 s left\n/);
  expect(stdout).toMatch(/after epoch 3: test loss \d+\.\d{3}, test accuracy \d+\.\d\d %\n/);
  expect(stdout).toMatch(/test accuracy \d+\.\d\d % \(\d+ of 12\), loss \d+\.\d{3}\n/);
  expect(stdout).toContain('written to runs/bars-mobileNetV1-shallow-1:\n');
  const folder = inFolder('runs/bars-mobileNetV1-shallow-1');
  expect(Object.keys(snapshot(folder))).toEqual([
    'checkpoint.bin',
    'curves.svg',
    'history.csv',
    'history.json',
    'model/model.json',
    'model/weights.bin',
    'run.json',
    'sampling.svg',
  ]);
  const [header, ...rows] = fs.readFileSync(`${folder}/history.csv`, 'utf8').trim().split('\n');
  expect(header).toBe('epoch,loss,accuracy,test_loss,test_accuracy,learning_rate,seconds');
  expect(rows.map((row) => row.split(',').length)).toEqual([7, 7, 7]);
  for (const name of ['curves.svg', 'sampling.svg']) {
    expect(fs.readFileSync(`${folder}/${name}`, 'utf8')).toMatch(/^<svg .*<\/svg>$/s);
  }
});

test('a second run without --out gets a new folder', async () => {
  const before = snapshot(inFolder('runs/bars-mobileNetV1-shallow-1'));
  const options = ['--data', 'bars', '--epochs', '1', '--limit', '24', '--no-plots', '--no-augmentation'];
  const { stdout } = await succeed(['train', ...options, ...TINY], inFolder());
  expect(stdout).toContain('written to runs/bars-mobileNetV1-shallow-2:\n');
  expect(stdout).toContain('24 training and 12 test images');
  expect(snapshot(inFolder('runs/bars-mobileNetV1-shallow-1'))).toEqual(before);
  expect(Object.keys(snapshot(inFolder('runs/bars-mobileNetV1-shallow-2')))).not.toContain('curves.svg');
});

test('--overwrite replaces a run and leaves other files in its folder', async () => {
  const folder = inFolder('runs/bars-mobileNetV1-shallow-1');
  fs.writeFileSync(`${folder}/notes.txt`, 'mine');
  const before = snapshot(folder);
  const options = ['--data', 'bars', '--epochs', '1', '--no-plots', '--overwrite', '--out', folder];
  await succeed(['train', ...options, ...TINY], inFolder());
  const after = snapshot(folder);
  expect(Object.keys(after)).toEqual([
    'checkpoint.bin',
    'history.csv',
    'history.json',
    'model/model.json',
    'model/weights.bin',
    'notes.txt',
    'run.json',
  ]);
  expect(after['notes.txt']).toBe(before['notes.txt']);
  expect(after['model/weights.bin']).not.toBe(before['model/weights.bin']);
});

test('--resume of a finished run writes the same results again', async () => {
  const folder = inFolder('runs/bars-mobileNetV1-shallow-2');
  const before = snapshot(folder);
  const { stdout } = await succeed(['train', '--resume', '--out', folder, '--no-plots'], inFolder());
  expect(stdout).toContain('continuing after epoch 1 of 1, step 0\n');
  expect(snapshot(folder)).toEqual(before);
});

test('train works on a folder of images sorted by class; evaluate and analyze read the saved model', async () => {
  await writeImageFolder(inFolder('colours'), { blue: [10, 20, 200], red: [220, 30, 10] }, 20);
  const options = ['--data', 'colours', '--epochs', '20', '--batch', '8', '--out', 'out', '--deformable', '0'];
  const trained = await succeed(['train', ...options, '--alpha', '0.125', '--size', '16', '--seed', '4'], inFolder());
  // Without deformable layers there are no sampling locations to draw.
  expect(trained.stdout).not.toContain('sampling.svg');
  const accuracy = /test accuracy (\S+) %/.exec(trained.stdout.slice(trained.stdout.lastIndexOf('test accuracy')))![1]!;
  expect(Number(accuracy)).toBeGreaterThanOrEqual(75);

  // The split into training and test images is that of the run, whose seed is saved in the model.
  for (const location of ['out', 'out/model', 'out/model/model.json']) {
    const { stdout } = await succeed(['evaluate', location, '--data', 'colours'], inFolder());
    expect(stdout).toContain('data     colours: 8 test images\n');
    expect(stdout).toContain(`test accuracy ${accuracy} %`);
    expect(stdout).toMatch(/^blue +4 /m);
  }

  const { stdout } = await succeed(['analyze', 'out', '--no-plots'], inFolder());
  expect(stdout).toMatch(/conv1 +Conv2D +8×8×4 /);
  const report = JSON.parse((await succeed(['analyze', 'out', '--json'], inFolder())).stdout) as {
    cost: { inputShapes: unknown };
    receptiveField: { imageSize: unknown };
  };
  expect(report).toMatchObject({ cost: { inputShapes: [[16, 16, 3]] }, receptiveField: { imageSize: [16, 16] } });
});

test.each([
  ['mobileNetV1 --alpha 0.25', '475,544 +41,030,272'],
  ['mobileNetV2 --alpha 0.5 --size 224', '1,987,224 +97,131,840'],
  ['mobileNetV3Small --alpha 0.75', '2,051,552 +43,399,344'],
  ['squeezeNet', '1,235,496 +349,151,936'],
])('analyze of the named model %s gives the cost printed in its paper', async (line, figures) => {
  const { stdout } = await succeed(['analyze', ...line.split(' '), '--no-plots'], inFolder());
  expect(stdout).toMatch(new RegExp(`total .* ${figures}\\n`));
});

test('a recipe trains, keeps its best epoch, and is resumed with the same options', async () => {
  const recipe = [
    ...['--optimizer', 'adamw', '--weight-decay', '0.05', '--clip', '1', '--ema', '0.9', '--accumulate', '2'],
    ...['--schedule', 'one-cycle', '--warm-up', '0.5', '--plateau', '2', '--loss', 'focal', '--label-smoothing', '0.1'],
    ...['--class-weights', '--offset-rate', '0.3', '--early-stopping', '3', '--seconds', '1000'],
  ];
  const options = ['--data', 'bars', '--epochs', '3', '--batch', '16', '--no-plots', '--out', 'recipe'];
  const { stdout } = await succeed(['train', ...options, ...recipe, ...TINY], inFolder());
  expect(stdout).toMatch(/best\.bin +the same after the best epoch/);
  const folder = inFolder('recipe');
  const before = snapshot(folder);
  expect(Object.keys(before)).toContain('best.bin');
  const history = JSON.parse(fs.readFileSync(`${folder}/history.json`, 'utf8')) as { readonly testLoss: number }[];
  expect(history).toHaveLength(3);
  await succeed(['train', '--resume', '--out', 'recipe', '--no-plots'], inFolder());
  expect(snapshot(folder)['model/weights.bin']).toBe(before['model/weights.bin']);
  const { stdout: evaluated } = await succeed(['evaluate', 'recipe'], inFolder());
  expect(evaluated).toContain(`loss ${Math.min(...history.map(({ testLoss }) => testLoss)).toFixed(3)}`);
});
