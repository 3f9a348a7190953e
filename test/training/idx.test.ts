/** IDX files: contents, and every way in which they can be invalid. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CorruptFileError } from '../../src/errors.js';
import { isIdxFolder, loadIdx, readIdx } from '../../src/training/idx.js';
import { writeIdx, writeIdxFolder } from './support/idx_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();

describe('readIdx()', () => {
  const shape = [2, 2, 3];
  const values = Uint8Array.from({ length: 12 }, (_, index) => index);

  test('reads shape and values', async () => {
    writeIdx(inFolder('plain'), shape, values);
    expect(await readIdx(inFolder('plain'), 3)).toEqual({ shape, values });
  });

  test('reads gzipped files', async () => {
    writeIdx(inFolder('packed'), shape, values);
    fs.writeFileSync(inFolder('packed.gz'), gzipSync(fs.readFileSync(inFolder('packed'))));
    expect(await readIdx(inFolder('packed.gz'), 3)).toEqual({ shape, values });
  });

  test.each([0, 3, 4, 15, 16, 27])('refuses a file truncated to %d of 28 bytes', async (length) => {
    writeIdx(inFolder('cut'), shape, values);
    fs.truncateSync(inFolder('cut'), length);
    await expect(readIdx(inFolder('cut'), 3)).rejects.toThrow(CorruptFileError);
  });

  test('refuses a file with extra bytes', async () => {
    writeIdx(inFolder('long'), shape, values);
    fs.appendFileSync(inFolder('long'), 'x');
    await expect(readIdx(inFolder('long'), 3)).rejects.toThrow(
      'values of shape [2, 2, 3] must take 28 bytes, the file has 29',
    );
  });

  test('refuses labels instead of images', async () => {
    writeIdx(inFolder('labels'), [2], values.subarray(0, 2));
    await expect(readIdx(inFolder('labels'), 3)).rejects.toThrow('the magic number must be 2051, the file has 2049');
  });

  test('recognizes gzipped files by their contents, not by their name', async () => {
    writeIdx(inFolder('honest'), shape, values);
    const plain = fs.readFileSync(inFolder('honest'));
    fs.writeFileSync(inFolder('named_plain'), gzipSync(plain));
    fs.writeFileSync(inFolder('named_packed.gz'), plain);
    expect(await readIdx(inFolder('named_plain'), 3)).toEqual({ shape, values });
    expect(await readIdx(inFolder('named_packed.gz'), 3)).toEqual({ shape, values });
  });

  test('decompresses no more than the length in the header', async () => {
    writeIdx(inFolder('bomb'), [768], new Uint8Array(256 * 2 ** 20));
    const packed = gzipSync(fs.readFileSync(inFolder('bomb')), { level: 1 });
    fs.rmSync(inFolder('bomb'));
    fs.writeFileSync(inFolder('bomb.gz'), packed);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
    await expect(readIdx(inFolder('bomb.gz'), 1)).rejects.toThrow(
      /values of shape \[768\] must take 776 bytes, the file has \d+ or more/,
    );
    clearInterval(timer);
    expect(most).toBeLessThan(32 * 2 ** 20);
  });

  test.each([
    ['2³² − 1 of everything', [0xffffffff, 0xffffffff, 0xffffffff]],
    ['2³¹ images', [2 ** 31, 2, 3]],
    ['none', [0, 2, 3]],
  ])('refuses a header with %s before allocating, gzipped or not', async (_, sizes) => {
    writeIdx(inFolder('sizes'), sizes, values);
    writeIdx(inFolder('sizes'), sizes, values, true);
    for (const name of ['sizes', 'sizes.gz']) {
      await expect(readIdx(inFolder(name), 3)).rejects.toThrow(`values of shape [${sizes.join(', ')}] must take`);
    }
  });

  (process.platform === 'win32' ? test.skip : test)('refuses pipes, devices and folders', async () => {
    execFileSync('mkfifo', [inFolder('pipe')]);
    fs.symlinkSync('/dev/zero', inFolder('zeros'));
    fs.mkdirSync(inFolder('folder'));
    for (const name of ['pipe', 'zeros', 'folder']) {
      await expect(readIdx(inFolder(name), 3)).rejects.toThrow(
        `Cannot read the IDX file: it must be a regular file, received file = '${inFolder(name)}'`,
      );
    }
    await expect(readIdx(inFolder('absent'), 3)).rejects.toThrow('there must be a readable file (ENOENT)');
  });

  test('refuses a truncated gzipped file', async () => {
    fs.writeFileSync(inFolder('cut.gz'), gzipSync(values).subarray(0, 20));
    await expect(readIdx(inFolder('cut.gz'), 3)).rejects.toThrow('the file must be complete gzip data');
  });
});

describe('loadIdx()', () => {
  const options = { train: 7, test: 4, classes: 3 };

  test.each(['-', '.'])('loads the four files of MNIST, named with %j', async (separator) => {
    const folder = inFolder(`names${separator}`);
    writeIdxFolder(folder, { ...options, separator });
    expect(await isIdxFolder(folder)).toBe(true);
    const data = await loadIdx(folder);
    expect(data.name).toBe(path.basename(folder));
    expect([data.train.height, data.train.width, data.train.channels]).toEqual([28, 28, 1]);
    expect(data.train.classNames).toEqual(['0', '1', '2']);
    expect([...data.train.labels]).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(data.train.images.length).toBe(7 * 784);
    expect(data.test.labels.length).toBe(4);
  });

  test('loads gzipped files', async () => {
    writeIdxFolder(inFolder('gz'), { ...options, gzip: true });
    expect((await loadIdx(inFolder('gz'))).train.labels.length).toBe(7);
  });

  test('names the file that is missing', async () => {
    writeIdxFolder(inFolder('missing'), options);
    fs.rmSync(inFolder('missing', 't10k-labels-idx1-ubyte'));
    await expect(loadIdx(inFolder('missing'))).rejects.toThrow('t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz');
  });

  test('refuses different numbers of labels and images', async () => {
    writeIdxFolder(inFolder('few'), options);
    writeIdx(inFolder('few', 'train-labels-idx1-ubyte'), [6], new Uint8Array(6));
    await expect(loadIdx(inFolder('few'))).rejects.toThrow('one label per image (7 images, 6 labels)');
  });

  test('refuses test labels that do not occur in training', async () => {
    writeIdxFolder(inFolder('unknown'), options);
    writeIdx(inFolder('unknown', 't10k-labels-idx1-ubyte'), [4], Uint8Array.from([0, 1, 2, 3]));
    await expect(loadIdx(inFolder('unknown'))).rejects.toThrow(
      'test labels must be among the training labels (0 to 2)',
    );
  });

  test('refuses test images of another size', async () => {
    writeIdxFolder(inFolder('size'), options);
    writeIdx(inFolder('size', 't10k-images-idx3-ubyte'), [4, 28, 20], new Uint8Array(4 * 28 * 20));
    await expect(loadIdx(inFolder('size'))).rejects.toThrow(
      'test images must be the same size as training images (28 × 28)',
    );
  });

  test('refuses files without images', async () => {
    writeIdxFolder(inFolder('empty'), { ...options, train: 0 });
    await expect(loadIdx(inFolder('empty'))).rejects.toThrow('the file must contain at least one image');
  });
});
