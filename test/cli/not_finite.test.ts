/** A run whose weights become NaN or infinite: one line that names the layer, status 1; the last good checkpoint stays. */
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

/** Copies the interrupted run, overwrites one weight in its checkpoint and updates the checksum. */
function withWeight(folder: string, name: RegExp, value: number): string {
  fs.cpSync(inFolder('interrupted'), inFolder(folder), { recursive: true });
  const file = inFolder(folder, 'checkpoint.bin');
  const bytes = fs.readFileSync(file);
  const { weights, moments } = headerOf(bytes) as Record<'weights' | 'moments', { name: string; shape: number[] }[]>;
  const sizes = [...weights, ...moments].map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const position = weights.findIndex((weight) => name.test(weight.name));
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  let offset = body.length - 4 * sizes.slice(position).reduce((sum, size) => sum + size, 0);
  for (let count = 0; count < sizes[position]!; count++, offset += 4) body.writeFloatLE(value, offset);
  fs.writeFileSync(file, signed(body));
  return weights[position]!.name;
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
