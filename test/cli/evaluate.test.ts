/** The command `evaluate`: its table and its pictures, on the data of the run. */
import fs from 'node:fs';
import { writeImageFolder } from '../training/support/image_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, runCli, snapshot, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
/** A name that XML has to escape. */
const RED = 'red <& "more">';

beforeAll(async () => {
  await writeImageFolder(inFolder('colours'), { blue: [10, 20, 200], [RED]: [220, 30, 10] }, 12);
  fs.writeFileSync(inFolder('colours/blue/broken.png'), 'no image');
  const options = ['--data', 'colours', '--epochs', '1', '--no-plots', '--skip-broken', '--out', 'run'];
  const { status, stderr } = await runCli(['train', ...options, ...TINY], inFolder());
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('broken.png') as string });
});

test('evaluate passes over broken images if the run did, and draws its pictures', async () => {
  const { status, stdout, stderr } = await runCli(['evaluate', 'run', '--out', 'a/pictures'], inFolder());
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('broken.png') as string });
  expect(stderr).not.toContain('differ from those');
  const table = /class +images {2}precision +recall +f1 {2}most often mistaken for\n((?:.*\n)*?)\n/.exec(stdout)![1]!;
  const rows = table.trim().split('\n');
  expect(rows.map((row) => row.slice(0, RED.length).trim())).toEqual(['blue', RED, 'mean']);
  const numbers = rows.map((row) => [...row.slice(RED.length).matchAll(/[\d.]+/g)].slice(0, 4).map(Number));
  const [blue, red, mean] = numbers as [number[], number[], number[]];
  expect(mean[0]).toBe(blue[0]! + red[0]!);
  // The mean recall of two classes with as many images is the accuracy.
  expect(blue[0]).toBe(red[0]);
  expect(mean[2]).toBeCloseTo(Number(/test accuracy (\S+) %/.exec(stdout)![1]), 0);
  expect(stdout).toContain('written to a/pictures: confusion.svg, worst.svg\n');
  const [confusion, worst] = ['confusion', 'worst'].map((name) =>
    fs.readFileSync(inFolder(`a/pictures/${name}.svg`), 'utf8'),
  ) as [string, string];
  expect(confusion).toMatch(/^<svg .*predicted class.*<\/svg>$/s);
  expect(worst).toMatch(/^<svg .*<\/svg>$/s);
  expect(worst.match(/<image /g)).toHaveLength(blue[0]! + red[0]!);
  expect(worst).toContain('is red &#60;&#38; &#34;more&#34;&#62;');
  expect(worst).toMatch(/taken for .* \(\d+ %\)/);
});

test('other data is not passed over, and a folder that cannot be made is an error', async () => {
  fs.cpSync(inFolder('colours'), inFolder('others'), { recursive: true });
  await expectFailure(
    ['evaluate', 'run', '--data', 'others'],
    inFolder(),
    1,
    "received file = 'others/blue/broken.png'",
  );
  fs.rmSync(inFolder('others/blue/broken.png'));
  fs.writeFileSync(inFolder('file'), '');
  const before = snapshot(inFolder());
  await expectFailure(['evaluate', 'run', '--data', 'others', '--out', 'file/x'], inFolder(), 1, 'Cannot ');
  expect(snapshot(inFolder())).toEqual(before);
});

test('evaluate writes nothing without --out', async () => {
  const before = snapshot(inFolder());
  await succeed(['evaluate', 'run', '--data', 'others'], inFolder());
  expect(snapshot(inFolder())).toEqual(before);
});
