/** Images with several labels on the command line: train, resume, evaluate, convert and predict; data and losses that do not match. */
import fs from 'node:fs';
import { writeImage } from '../training/support/image_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, runCli, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const NAMES = ['red', 'green', 'blue'];
const TRAIN = [
  'train',
  '--data',
  'list.csv',
  ...TINY,
  '--backend',
  'cpu',
  '--no-plots',
  '--epochs',
  '2',
  '--batch',
  '6',
];

/** Numbers of the classes of each image: every set twice. */
const sets = Array.from({ length: 16 }, (_, index) => [0, 1, 2].filter((bit) => (index >> bit) % 2 === 1));

beforeAll(async () => {
  fs.mkdirSync(inFolder('images'));
  for (const [index, set] of sets.entries()) {
    await writeImage(
      inFolder('images', `${index}.png`),
      [0, 1, 2].map((c) => (set.includes(c) ? 250 - index : index)),
    );
  }
  const line = (set: readonly number[], index: number): string =>
    `images/${index}.png,${set.map((c) => NAMES[c]!).join(';')},${index < 8 ? 'train' : 'test'}`;
  fs.writeFileSync(inFolder('list.csv'), `file,labels,split\n${sets.map(line).join('\n')}`);
  fs.writeFileSync(
    inFolder('one.csv'),
    `file,label\n${sets.map((_, index) => `images/${index}.png,${index % 2}`).join('\n')}`,
  );
});

test('train, evaluate and predict images with several labels', async () => {
  const { stdout } = await succeed([...TRAIN, '--out', 'run', '--class-weights', '--loss', 'binary'], inFolder());
  expect(stdout).toContain('3 classes, several in an image');
  expect(stdout).toMatch(/test accuracy [\d.]+ % of the labels of 8 images, mean average precision [\d.]+ %, loss/);
  const report = await succeed(['evaluate', 'run', '--backend', 'cpu'], inFolder());
  expect(report.stdout).toMatch(/class +images +precision +recall +F1 +average precision +AUC\nblue +4 /);
  expect(report.stdout).toMatch(/\nmean +[\d.]+ %/);
  const [header, row] = fs.readFileSync(inFolder('run/history.csv'), 'utf8').split('\n');
  expect(header).toMatch(/,seconds,test_mean_average_precision,test_mean_area_under_curve,test_mean_f1$/);
  const values = row!.split(',').map(Number);
  expect(values).toHaveLength(header!.split(',').length);
  expect(values.every(Number.isFinite)).toBe(true);
  const every = await succeed(['evaluate', 'run', '--backend', 'cpu', '--threshold', '0', '--out', 'seen'], inFolder());
  // From 0 on, every label is found.
  expect(every.stdout.match(/100\.0 %/g)!.length).toBeGreaterThanOrEqual(3);
  expect(fs.readdirSync(inFolder('seen'))).toEqual(['worst.svg']);
  expect(fs.readFileSync(inFolder('seen/worst.svg'), 'utf8').match(/taken for blue, green, red/g)).toHaveLength(8);

  const predict = async (...options: string[]): Promise<string> =>
    (await runCli(['predict', 'run', 'images', '--backend', 'cpu', ...options], inFolder())).stdout;
  const all = JSON.parse(await predict('--format', 'json', '--threshold', '0')) as {
    readonly file: string;
    readonly classes: readonly { readonly class: string; readonly confidence: number }[];
  }[];
  expect(all.map(({ classes }) => classes.map((each) => each.class).sort())).toEqual(
    all.map(() => ['blue', 'green', 'red']),
  );
  const wanted = all.map(({ file, classes }) => {
    const found = classes.filter(({ confidence }) => confidence >= 0.5);
    return [
      file,
      found.map((each) => each.class).join(';'),
      found.map(({ confidence }) => confidence.toFixed(6)).join(';'),
    ].join();
  });
  expect(await predict('--format', 'csv')).toBe(`file,labels,confidences\n${wanted.join('\n')}\n`);
  const none = await predict('--threshold', '1');
  expect(
    none
      .split('\n')
      .slice(1, -1)
      .every((line) => line.endsWith('none')),
  ).toBe(true);
  // The list of predictions is one to train on.
  const onnx = await succeed(['convert', 'run', 'run.onnx'], inFolder());
  expect(onnx.stdout).toContain('written to run.onnx');
  const same = await runCli(['predict', 'run.onnx', 'images', '--format', 'csv', '--threads', '1'], inFolder());
  const labels = (text: string): string[] => text.split('\n').map((line) => line.split(',').slice(0, 2).join());
  expect(labels(same.stdout)).toEqual(labels(`file,labels,confidences\n${wanted.join('\n')}\n`));
});

test('a threshold for images with one label each is an error in one line', async () => {
  const one = TRAIN.map((word) => (word === 'list.csv' ? 'one.csv' : word));
  await succeed([...one, '--out', 'single'], inFolder());
  const rule = "option '--threshold' is for images with several labels";
  await expectFailure(['evaluate', 'single', '--threshold', '0.4'], inFolder(), 2, rule);
});

test('a loss that does not fit the data is an error in one line', async () => {
  const rule = "option '--loss' must fit the data: images with several labels need binary, received loss = 'focal'";
  await expectFailure([...TRAIN, '--loss', 'focal'], inFolder(), 2, rule);
  const one = TRAIN.map((word) => (word === 'list.csv' ? 'one.csv' : word));
  await expectFailure([...one, '--loss', 'binary'], inFolder(), 2, 'binary is for images with several labels');
});
