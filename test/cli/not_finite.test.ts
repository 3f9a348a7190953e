/** A run whose weights stop being numbers: one line that names the layer, status 1, and the last good checkpoint stays. */
import fs from 'node:fs';
import { loadCheckpoint } from '../../src/training/checkpoint_file.js';
import { headerOf, signed } from '../training/support/forge_checkpoint.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, startCli, TINY } from './support.js';

const inFolder = temporaryFolder();
const CHECKSUM_BYTES = 32;

beforeAll(async () => {
  writeIdxFolder(inFolder('bars'), { train: 60, test: 12, classes: 3 });
  const options = ['--data', 'bars', '--epochs', '4', '--batch', '2', '--no-plots', '--out', 'interrupted'];
  const run = startCli(['train', ...options, ...TINY], inFolder());
  await run.until('after epoch 1');
  run.process.kill('SIGINT');
  expect((await run.result).status).toBe(130);
});

/** A copy of the interrupted run with other values in one weight of its checkpoint, and a right checksum. */
function withWeight(folder: string, name: RegExp, value: number): string {
  fs.cpSync(inFolder('interrupted'), inFolder(folder), { recursive: true });
  const file = inFolder(folder, 'checkpoint.bin');
  const bytes = fs.readFileSync(file);
  const { weights, moments } = headerOf(bytes) as Record<'weights' | 'moments', { name: string; shape: number[] }[]>;
  const sizes = [...weights, ...moments].map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const place = weights.findIndex((weight) => name.test(weight.name));
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  let offset = body.length - 4 * sizes.slice(place).reduce((sum, size) => sum + size, 0);
  for (let count = 0; count < sizes[place]!; count++, offset += 4) body.writeFloatLE(value, offset);
  fs.writeFileSync(file, signed(body));
  return weights[place]!.name;
}

test.each([NaN, Infinity])('--resume refuses a checkpoint with %d in a weight, and names it', async (value) => {
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

test('weights whose outputs overflow, behind which the loss stays finite, end the run', async () => {
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
