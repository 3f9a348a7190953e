/** Concurrent writers and readers of a file or a model: nobody fails, and nobody sees a corrupt file. */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { writeFileAtomic } from '../../src/support/atomic_file.js';
import { FileAccessError } from '../../src/support/file_error.js';
import { checkUnlocked, LOCK_FILE, lockFolder, LockedFolderError } from '../../src/training/folder_lock.js';
import { loadModel, saveModel } from '../../src/training/model_files.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { tinyModel } from './support/tiny.js';

const inFolder = temporaryFolder();

beforeAll(() => tf.setBackend('cpu'));

/** ID of a process that has just ended. */
async function endedProcess(): Promise<number> {
  const child = fork('-e', ['0'], { execArgv: [], stdio: 'ignore' });
  const { pid } = child;
  await new Promise((resolve) => child.once('exit', resolve));
  return pid!;
}

describe('writeFileAtomic()', () => {
  test('allows concurrent writers of one file and leaves the contents of one of them', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(5000 + index));
    await Promise.all(texts.map((text) => writeFileAtomic(inFolder('shared'), text)));
    expect(texts).toContain(fs.readFileSync(inFolder('shared'), 'utf8'));
    expect(fs.readdirSync(inFolder())).toEqual(['shared']);
  });

  test('removes temporary files of a killed process, but not those that another one is writing', async () => {
    fs.mkdirSync(inFolder('left'));
    await writeFileAtomic(inFolder('left/file'), 'old');
    const [dead, alive] = [await endedProcess(), process.ppid];
    const host = await hostTag();
    for (const pid of [dead, alive]) fs.writeFileSync(inFolder(`left/file.${host}-${pid}-0123abcd.tmp`), 'half');
    fs.writeFileSync(inFolder(`left/file.ffffffff-${dead}-0123abcd.tmp`), 'of another machine');
    fs.writeFileSync(inFolder('left/file.mine.tmp'), "the user's");
    await writeFileAtomic(inFolder('left/file'), 'new');
    expect(fs.readdirSync(inFolder('left')).sort()).toEqual(
      ['file', `file.${host}-${alive}-0123abcd.tmp`, `file.ffffffff-${dead}-0123abcd.tmp`, 'file.mine.tmp'].sort(),
    );
  });

  test.each([
    ['a folder that is gone', 'gone/file', 'its folder must exist'],
    ['a file in place of a folder', 'plain/file', 'every part of its path but the last must be a folder'],
    ['a folder in place of the file', 'folder', 'it must be a file (it is a folder)'],
  ])('reports %s in one line and leaves no file behind', async (_, name, rule) => {
    fs.rmSync(inFolder('errors'), { recursive: true, force: true });
    fs.mkdirSync(inFolder('errors/folder'), { recursive: true });
    fs.writeFileSync(inFolder('errors/plain'), '');
    const failure = writeFileAtomic(inFolder('errors', name), 'text');
    await expect(failure).rejects.toThrow(FileAccessError);
    await expect(failure).rejects.toThrow(`Cannot write the file: ${rule}`);
    await expect(failure).rejects.toThrow(`received file = '${inFolder('errors', name)}'`);
    expect(fs.readdirSync(inFolder('errors')).sort()).toEqual(['folder', 'plain']);
  });
});

/** Identifier of this machine in tags, taken from a temporary file. */
async function hostTag(): Promise<string> {
  let seen: string | undefined;
  const watcher = fs.watch(inFolder('left'), (_, name) => (seen ??= /\.([0-9a-f]{8})-\d+-/.exec(name ?? '')?.[1]));
  while (seen === undefined) await writeFileAtomic(inFolder('left/file'), 'old');
  watcher.close();
  return seen;
}

describe('lockFolder()', () => {
  const owner = { pid: process.ppid, host: os.hostname(), birth: null, tag: 'x' };

  /** Creates a folder with somebody's lock. */
  function locked(name: string, lock: object | string): string {
    fs.mkdirSync(inFolder(name), { recursive: true });
    fs.writeFileSync(inFolder(name, LOCK_FILE), typeof lock === 'string' ? lock : JSON.stringify(lock));
    return inFolder(name);
  }

  test('locks a folder for one owner at a time and leaves nothing behind', async () => {
    fs.mkdirSync(inFolder('one'));
    const lock = await lockFolder('train', inFolder('one'));
    await expect(lockFolder('train', inFolder('one'))).rejects.toThrow(LockedFolderError);
    await expect(checkUnlocked('train', inFolder('one'))).rejects.toThrow(`process ${process.pid} on this machine`);
    await lock.release();
    await checkUnlocked('train', inFolder('one'));
    await (await lockFolder('train', inFolder('one'))).release();
    expect(fs.readdirSync(inFolder('one'))).toEqual([]);
  });

  test('waits until the folder is unlocked', async () => {
    fs.mkdirSync(inFolder('turns'));
    let [inside, most, count] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await lockFolder('save', inFolder('turns'), 60);
        most = Math.max(most, ++inside);
        await writeFileAtomic(inFolder('turns/file'), `${++count}`);
        inside--;
        await lock.release();
      }),
    );
    expect([most, count]).toEqual([1, 8]);
  });

  test('refuses a folder locked by a running process or on another machine, and names the file to remove', async () => {
    await expect(lockFolder('train', locked('busy', owner))).rejects.toThrow(
      `Cannot train: no other process may be writing to the folder (process ${process.ppid} on this machine: wait for it`,
    );
    const elsewhere = locked('elsewhere', { ...owner, host: 'another' });
    await expect(lockFolder('train', elsewhere)).rejects.toThrow(
      `(process ${process.ppid} on the machine 'another': wait for it, or remove '${elsewhere}/${LOCK_FILE}' if it has ended)`,
    );
    await expect(lockFolder('train', locked('new', '{'))).rejects.toThrow('an unknown process');
  });

  test('replaces the lock of a process that has ended, even if its ID has been reused', async () => {
    const dead = await endedProcess();
    for (const [name, lock] of [
      ['dead', { ...owner, pid: dead }],
      ['reused', { ...owner, birth: '1' }],
      ['self', { ...owner, pid: process.pid, birth: '1' }],
    ] as const) {
      await (await lockFolder('train', locked(name, lock))).release();
      expect(fs.readdirSync(inFolder(name))).toEqual([]);
    }
    const unreadable = locked('unreadable', '');
    fs.utimesSync(`${unreadable}/${LOCK_FILE}`, 0, 0);
    await (await lockFolder('train', unreadable)).release();
    expect(fs.readdirSync(unreadable)).toEqual([]);
  });
});

test('saveModel() makes two writers take turns, and a concurrent loadModel() always reads one of the models', async () => {
  const folder = inFolder('model');
  const models = [tinyModel({ seed: 1, filters: 4 }), tinyModel({ seed: 2, filters: 7 })];
  const counts = models.map((model) => model.countParams());
  await saveModel(models[0]!, folder);
  const done = new AbortController();
  const writers = Promise.all(
    models.map(async (model) => {
      for (let i = 0; i < 12; i++) await saveModel(model, folder);
    }),
  ).finally(() => {
    done.abort();
  });
  const seen = new Set<number>();
  let reads = 0;
  while (!done.signal.aborted) {
    const model = await loadModel(folder);
    expect(counts).toContain(model.countParams());
    seen.add(model.countParams());
    model.dispose();
    reads++;
  }
  await writers;
  expect([seen.size, reads > 3]).toEqual([2, true]);
  expect(fs.readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
});
