/** The folder of a run: files that a new run may replace, files it must never touch, and one process at a time. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { LOCK_FILE } from '../../src/training/folder_lock.js';
import { writeImageFolder } from '../training/support/image_files.js';
import { writeIdxFolder } from '../training/support/idx_files.js';
import { temporaryFolder } from '../training/support/temporary_folder.js';
import { expectFailure, snapshot, startCli, succeed, TINY } from './support.js';

const inFolder = temporaryFolder();
const TRAIN = ['train', '--data', 'bars', '--epochs', '1', '--batch', '8', '--no-plots', ...TINY];
/** So many epochs that the run does not finish during a test. */
const LONG = ['train', '--data', 'bars', '--epochs', '5000', '--batch', '8', '--no-plots', ...TINY];

beforeAll(async () => {
  writeIdxFolder(inFolder('bars'), { train: 24, test: 12, classes: 3 });
  await succeed([...TRAIN, '--out', 'run'], inFolder());
});

/** Copies the finished run. */
function copy(name: string): string {
  fs.cpSync(inFolder('run'), inFolder(name), { recursive: true });
  return inFolder(name);
}

describe('--overwrite', () => {
  test.each([
    ['a model and a history of the user', { 'model/model.json': '{}', 'history.csv': 'mine' }],
    ['a checkpoint without the record of its run', { 'checkpoint.bin': 'TFJSCONV' }],
    ['pictures', { 'curves.svg': '<svg/>', 'sampling.svg': '<svg/>' }],
    ['unrelated files only', { 'package.json': '{}' }],
  ])('refuses a folder with %s, as does a run without it, and changes nothing', async (title, files) => {
    const folder = inFolder(title);
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    }
    const before = snapshot(folder);
    const train = [...TRAIN.slice(0, 2), '../bars', ...TRAIN.slice(3), '--out', '.'];
    await expectFailure(train, folder, 1, 'must be a new or empty folder');
    await expectFailure([...train, '--overwrite'], folder, 1, "--overwrite replaces only what 'train' wrote");
    expect(snapshot(folder)).toEqual(before);
  });

  test('refuses to overwrite a file that no run wrote, and refuses an invalid record', async () => {
    const folder = copy('foreign');
    fs.writeFileSync(`${folder}/curves.svg`, 'mine');
    await expectFailure([...TRAIN, '--overwrite', '--out', 'foreign'], inFolder(), 1, "overwrite 'curves.svg'");
    expect(fs.readFileSync(`${folder}/curves.svg`, 'utf8')).toBe('mine');
    for (const text of ['', '{}', '[]', 'null', JSON.stringify({ run: '../..', files: ['../../secret'] })]) {
      fs.writeFileSync(`${folder}/run.json`, text);
      await expectFailure(
        [...TRAIN, '--overwrite', '--out', 'foreign'],
        inFolder(),
        1,
        "received file = 'foreign/run.json'",
      );
    }
  });

  test('keeps the old run complete until the new one finishes, and its model in place', async () => {
    const folder = copy('kept');
    fs.mkdirSync(`${folder}/model/mine`);
    fs.writeFileSync(`${folder}/model/mine/notes.txt`, 'mine');
    const before = snapshot(folder);
    const { run } = JSON.parse(fs.readFileSync(`${folder}/run.json`, 'utf8')) as { run: string };
    const long = startCli([...LONG, '--overwrite', '--out', 'kept'], inFolder());
    await long.until('after epoch 2');
    long.process.kill('SIGKILL');
    await long.result;
    const after = snapshot(folder);
    for (const name of ['model/model.json', 'model/weights.bin']) expect(after[name]).toBe(before[name]);
    expect(after['checkpoint.bin']).not.toBe(before['checkpoint.bin']);
    for (const name of ['checkpoint.bin', 'history.csv', 'model/model.json', 'model/weights.bin', 'run.json']) {
      expect(after[`replaced/${run}/${name}`]).toBe(before[name]);
    }
    // The model is still that of the old run, so it is evaluated on the data of the old run.
    expect((await succeed(['evaluate', 'kept'], inFolder())).stdout).toContain('data     bars: 12 test images');
    await succeed([...TRAIN, '--overwrite', '--out', 'kept'], inFolder());
    expect(Object.keys(snapshot(folder))).toEqual([
      'checkpoint.bin',
      'history.csv',
      'history.json',
      'model/mine/notes.txt',
      'model/model.json',
      'model/weights.bin',
      'run.json',
    ]);
    expect(fs.existsSync(`${folder}/replaced`)).toBe(false);
  });
});

test('a run that was stopped before its first checkpoint starts again without --overwrite', async () => {
  fs.mkdirSync(inFolder('early'));
  const record = JSON.parse(fs.readFileSync(inFolder('run/run.json'), 'utf8')) as object;
  fs.writeFileSync(inFolder('early/run.json'), JSON.stringify({ ...record, files: ['checkpoint.bin', 'history.csv'] }));
  fs.writeFileSync(inFolder('early/checkpoint.bin.01234567-1-89abcdef.tmp'), 'half');
  await succeed([...TRAIN, '--out', 'early'], inFolder());
});

describe('two processes on one folder', () => {
  test('the second one is refused, whatever it does, and the first one continues', async () => {
    const first = startCli([...LONG, '--out', 'shared'], inFolder());
    await first.until('after epoch 1');
    const message = `(process ${first.process.pid} on this machine: wait for it, or remove 'shared/${LOCK_FILE}'`;
    await expectFailure([...TRAIN, '--out', 'shared'], inFolder(), 1, message);
    await expectFailure([...TRAIN, '--out', 'shared', '--overwrite'], inFolder(), 1, message);
    await expectFailure(['train', '--resume', '--out', 'shared'], inFolder(), 1, message);
    first.process.kill('SIGINT');
    expect((await first.result).status).toBe(130);
    expect(fs.readdirSync(inFolder('shared')).sort()).toEqual(['checkpoint.bin', 'history.csv', 'run.json']);
  });

  test('the lock of a killed process is ignored', async () => {
    const killed = startCli([...LONG, '--out', 'killed'], inFolder());
    await killed.until('after epoch 1');
    killed.process.kill('SIGKILL');
    await killed.result;
    expect(fs.readdirSync(inFolder('killed'))).toContain(LOCK_FILE);
    const resumed = startCli(['train', '--resume', '--out', 'killed', '--no-plots'], inFolder());
    await resumed.until('after epoch');
    resumed.process.kill('SIGINT');
    expect((await resumed.result).status).toBe(130);
    expect(fs.readdirSync(inFolder('killed'))).not.toContain(LOCK_FILE);
  });
});

describe('evaluate', () => {
  test.each(['run', 'run/model', 'run/model/model.json'])("evaluates %s on the run's own data", async (location) => {
    const trained = fs.readFileSync(inFolder('run/history.csv'), 'utf8').trim().split('\n').at(-1)!.split(',')[4]!;
    // The data is found from another working directory too.
    fs.mkdirSync(inFolder('elsewhere'), { recursive: true });
    const { stdout, stderr } = await succeed(['evaluate', `../${location}`], inFolder('elsewhere'));
    expect(stdout).toContain('data     bars: 12 test images');
    expect(stdout).toContain(`test accuracy ${(Number(trained) * 100).toFixed(2)} %`);
    expect(stderr).toBe('');
  });

  test('splits a folder without test images as the run did, and notes when the split has changed', async () => {
    await writeImageFolder(inFolder('colours'), { blue: [10, 20, 200], red: [220, 30, 10] }, 10);
    const options = ['--data', 'colours', '--seed', '9', '--epochs', '1', '--no-plots', '--out', 'out', ...TINY];
    await succeed(['train', ...options], inFolder());
    expect((await succeed(['evaluate', 'out'], inFolder())).stdout).toContain('data     colours: 4 test images');
    await writeImageFolder(inFolder('colours'), { blue: [10, 20, 200], red: [220, 30, 10] }, 15);
    const changed = await startCli(['evaluate', 'out'], inFolder()).result;
    expect(changed.stderr).toMatch(/^note: the test images differ from those held out in training, [^\n]*\n$/);
    expect(changed.status).toBe(0);
    fs.renameSync(inFolder('colours'), inFolder('moved'));
    const rule = 'the training data must still be in its original folder (or pass --data), received folder = ';
    await expectFailure(['evaluate', 'out'], inFolder(), 1, `${rule}'${inFolder('colours')}'`);
    await expectFailure(['evaluate', 'out', '--data', 'colours'], inFolder(), 1, "received --data = 'colours'");
    expect((await startCli(['evaluate', 'out', '--data', 'moved'], inFolder()).result).status).toBe(0);
  });

  test('requires --data for a model outside its run, and refuses a run that has not finished', async () => {
    fs.cpSync(inFolder('run/model'), inFolder('alone'), { recursive: true });
    await expectFailure(
      ['evaluate', 'alone'],
      inFolder(),
      2,
      "option '--data' is required for a model without the run.json",
    );
    await succeed(['evaluate', 'alone', '--data', 'bars'], inFolder());
    const folder = copy('unfinished');
    fs.rmSync(`${folder}/model`, { recursive: true });
    await expectFailure(['evaluate', 'unfinished'], inFolder(), 1, 'the run must have finished (continue it with: ');
  });
});

describe('signals', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s saves a checkpoint and exits with %d', async (signal, status) => {
    const run = startCli([...LONG, '--out', signal], inFolder());
    await run.until('after epoch 1');
    run.process.kill(signal);
    const result = await run.result;
    expect({ status: result.status, stderr: result.stderr }).toEqual({ status, stderr: '' });
    expect(result.stdout).toContain(`continue with: tfjs-convolutions train --resume --out ${signal}\n`);
    expect(fs.readdirSync(inFolder(signal)).sort()).toEqual(['checkpoint.bin', 'history.csv', 'run.json']);
  });
});

describe('standard output', () => {
  /** Runs a command in a shell and returns its status and what it printed on stderr. */
  async function shell(line: string): Promise<{ readonly status: number | null; readonly stderr: string }> {
    const main = path.resolve(__dirname, '../../dist/cjs/cli/main.js');
    const script = `set -o pipefail; cli() { ${process.execPath} ${main} "$@"; }; ${line}`;
    const child = spawn('bash', ['-c', script], { cwd: inFolder(), stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, stderr };
  }

  test.each([
    ['closed', '| head -1', 'closed by its reader'],
    ['full', '> /dev/full', 'ENOSPC'],
  ])('that is %s does not stop training, which saves its model', async (name, redirection, reason) => {
    const { status, stderr } = await shell(`cli ${TRAIN.join(' ')} --epochs 3 --out ${name} ${redirection}`);
    expect(stderr).toBe(`note: standard output was lost (${reason}); training continues without it\n`);
    expect(status).toBe(0);
    await succeed(['evaluate', name], inFolder());
  });

  test('that is lost makes a command fail whose only result is what it prints', async () => {
    expect(await shell('cli evaluate run | true')).toEqual({ status: 141, stderr: '' });
    expect(await shell('cli analyze mobileNetV1 --alpha 0.25 --size 32 --json | true')).toEqual({
      status: 141,
      stderr: '',
    });
    for (const line of ['evaluate run', 'analyze run --no-plots', '--help']) {
      expect(await shell(`cli ${line} > /dev/full`)).toEqual({
        status: 1,
        stderr: 'error: Cannot write the result: standard output must be writable, received error = ENOSPC\n',
      });
    }
  });

  test('and standard error that are both full do not stop training', async () => {
    const { status } = await shell(`cli ${TRAIN.join(' ')} --out both > /dev/full 2> /dev/full`);
    expect(status).toBe(0);
    await succeed(['evaluate', 'both'], inFolder());
  });
});
