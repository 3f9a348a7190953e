/** makeFolder(): parents, what is there already, and what cannot be. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeFolder } from '../../src/support/make_folder.js';

let root: string;
const inRoot = (...names: string[]): string => path.join(root, ...names);

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'make-folder-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

test('makeFolder() creates a folder with its parents, also through a link, and accepts one that exists', async () => {
  await makeFolder('save', inRoot('a/b/c'));
  await makeFolder('save', inRoot('a/b/c'));
  fs.symlinkSync('a', inRoot('link'));
  await makeFolder('save', inRoot('link/b/d/e'));
  expect(fs.statSync(inRoot('a/b/c')).isDirectory()).toBe(true);
  expect(fs.statSync(inRoot('a/b/d/e')).isDirectory()).toBe(true);
});

test('makeFolder() creates a folder relative to the current one, once by many at a time', async () => {
  const relative = path.relative(process.cwd(), inRoot('x/y'));
  await Promise.all(Array.from({ length: 20 }, (_, index) => makeFolder('save', path.join(relative, String(index)))));
  expect(fs.readdirSync(inRoot('x/y'))).toHaveLength(20);
});

test('makeFolder() creates a folder whose parent another call creates just after it was found missing', async () => {
  const { mkdir } = fs.promises;
  const spy = jest.spyOn(fs.promises, 'mkdir').mockImplementationOnce(async (folder, options) => {
    const missing = await mkdir(folder, options).catch((error: unknown) => error);
    fs.mkdirSync(inRoot('parent'));
    throw missing as Error;
  });
  try {
    await makeFolder('save', inRoot('parent/child'));
  } finally {
    spy.mockRestore();
  }
  expect(fs.statSync(inRoot('parent/child')).isDirectory()).toBe(true);
});

test('makeFolder() passes on the errors of the file system', async () => {
  fs.writeFileSync(inRoot('file'), '');
  fs.symlinkSync('nowhere', inRoot('broken'));
  await expect(makeFolder('save', inRoot('file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder('save', inRoot('file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder('save', inRoot('broken/a'))).rejects.toMatchObject({ code: 'EEXIST' });
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('makeFolder() refuses a folder in /proc, where recursive mkdir of Node tries forever', async () => {
  for (const folder of ['/proc/runs', '/proc/runs/mine']) {
    await expect(makeFolder('save', folder)).rejects.toThrow(
      "Cannot save: the file system must allow new folders there (choose another), received folder = '/proc/runs",
    );
  }
});
