/** A run whose weights become NaN or infinite: one line that names the layer, status 1; the last good checkpoint stays. */
import fs from 'node:fs';
import { loadCheckpoint } from '../../src/training/checkpoint_file.js';
import { headerOf, signed, tensorStart } from '../training/support/forge_checkpoint.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, startCli, TINY } from './support.js';

const inFolder = temporaryFolder();

beforeAll(async () => {
  writeIdxFolder(inFolder('bars'), { train: 60, test: 12, classes: 3 });
  const options = ['--data', 'bars', '--epochs', '4', '--batch', '2', '--no-plots', '--out', 'interrupted'];
  const run = startCli(['train', ...options, ...TINY], inFolder());
  await run.until('after epoch 1');
  run.process.kill('SIGINT');
  expect((await run.result).status).toBe(130);
});

/** Copies the interrupted run, overwrites one weight in its checkpoint and updates the checksum. */
function withWeight(folder: string, name: RegExp, value: number): string {
  fs.cpSync(inFolder('interrupted'), inFolder(folder), { recursive: true });
  const file = inFolder(folder, 'checkpoint.bin');
  const bytes = fs.readFileSync(file);
  const header = headerOf(bytes) as Record<string, { readonly shape: readonly number[] }>;
  const weight = Object.keys(header).find((each) => name.test(each))!;
  const size = header[weight]!.shape.reduce((product, length) => product * length, 1);
  const start = tensorStart(bytes, weight);
  for (let index = 0; index < size; index++) bytes.writeFloatLE(value, start + 4 * index);
  fs.writeFileSync(file, signed(bytes));
  return weight;
}

test.each([NaN, Infinity])('--resume refuses a checkpoint with %d in a weight, and names the weight', async (value) => {
  const folder = `holds-${value}`;
  const name = withWeight(folder, /conv_dw_3.*kernel/, value);
  const before = snapshot(inFolder(folder));
  await expectFailure(
    ['train', '--resume', '--out', folder, '--no-plots'],
    inFolder(),
    1,
    `finite weights ('${name}' is not)`,
  );
  expect(snapshot(inFolder(folder))).toEqual(before);
});

test('a run ends when outputs of a layer overflow, even if the loss stays finite', async () => {
  const name = withWeight('overflows', /^conv1.kernel/, 1e35);
  const before = await loadCheckpoint(inFolder('overflows/checkpoint.bin'));
  await expectFailure(
    ['train', '--resume', '--out', 'overflows', '--no-plots'],
    inFolder(),
    1,
    `received weight '${name}' of the first such layer = 'conv1'`,
  );
  expect(await loadCheckpoint(inFolder('overflows/checkpoint.bin'))).toEqual(before);
});
