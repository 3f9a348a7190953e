/** Ctrl-C and kill -9: an interrupted run can be resumed and ends bit for bit as if it had never been interrupted. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCheckpoint } from '../../src/training/checkpoint_file.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { outcome, startCli, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const OPTIONS = ['train', '--data', 'bars', '--epochs', '4', '--batch', '2', '--no-plots', ...TINY];

let uninterrupted: object;

beforeAll(async () => {
  writeIdxFolder(inFolder('bars'), { train: 60, test: 12, classes: 3 });
  await succeed([...OPTIONS, '--out', 'uninterrupted'], inFolder());
  uninterrupted = await outcome(inFolder('uninterrupted'));
});

test('Ctrl-C saves a checkpoint and exits with 130; --resume then gives the same result bit for bit', async () => {
  const run = startCli([...OPTIONS, '--out', 'stopped'], inFolder());
  await run.until('after epoch 1');
  run.process.kill('SIGINT');
  const { status, stdout, stderr } = await run.result;
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  expect(stdout).toContain('interrupted: finishing the step\n');
  expect(stdout).toMatch(
    /stopped in epoch [2-4] of 4, step \d+ of 30; continue with: tfjs-convolutions train --resume --out stopped\n$/,
  );
  expect(fs.existsSync(inFolder('stopped/model'))).toBe(false);

  const { stdout: resumed } = await succeed(['train', '--resume', '--out', 'stopped', '--no-plots'], inFolder());
  expect(resumed).toMatch(/continuing after epoch [1-3] of 4, step \d+\n/);
  expect(await outcome(inFolder('stopped'))).toEqual(uninterrupted);
});

test('Ctrl-C before training exits with 130 and writes nothing', async () => {
  const run = startCli([...OPTIONS, '--out', 'early'], inFolder());
  await sleep(150);
  run.process.kill('SIGINT');
  const { status, signal } = await run.result;
  // Node may not be handling signals yet; a shell would report the signal as 130 too.
  expect(status === 130 || signal === 'SIGINT').toBe(true);
  expect(fs.existsSync(inFolder('early'))).toBe(false);
});

test('kill -9 at random moments leaves a checkpoint from which --resume gives the same result bit for bit', async () => {
  let run = startCli([...OPTIONS, '--out', 'killed'], inFolder());
  // The first checkpoint is saved before the first step.
  await run.until('sampling');
  for (const delay of [90, 260, 20, 410]) {
    await sleep(delay);
    run.process.kill('SIGKILL');
    await run.result;
    const left = fs.readdirSync(inFolder('killed'));
    if (left.includes('checkpoint.bin')) {
      await expect(loadCheckpoint(inFolder('killed/checkpoint.bin'))).resolves.toBeDefined();
      run = startCli(['train', '--resume', '--out', 'killed', '--no-plots'], inFolder());
    } else {
      // Killed between printing the header and saving the first checkpoint.
      run = startCli([...OPTIONS, '--out', 'killed', '--overwrite'], inFolder());
    }
    await run.until('sampling');
  }
  expect((await run.result).status).toBe(0);
  expect(await outcome(inFolder('killed'))).toEqual(uninterrupted);
});

test('kill -9 while a checkpoint is being written leaves a complete one', async () => {
  // One step per epoch: most of the time is spent on writing checkpoints.
  const options = ['train', '--data', 'bars', '--limit', '4', '--epochs', '2000', '--no-plots', ...TINY];
  const run = startCli([...options, '--out', 'busy'], inFolder());
  await run.until('after epoch 3');
  let lastEpoch = 0;
  for (let i = 0; i < 10; i++) {
    // At every moment, the file under the final name is complete.
    await sleep(17);
    const { state } = await loadCheckpoint(inFolder('busy/checkpoint.bin'));
    expect(state.epoch).toBeGreaterThanOrEqual(lastEpoch);
    lastEpoch = state.epoch;
  }
  run.process.kill('SIGKILL');
  await run.result;
  const { state } = await loadCheckpoint(inFolder('busy/checkpoint.bin'));
  expect(state.history.length).toBe(state.epoch);
  expect(path.basename(inFolder('busy'))).toBe('busy');
});
