/** Images with masks from folders: numbers of palettes and grey levels, one geometry for both, and every error. */
import fs from 'node:fs';
import { CorruptFileError } from '../../src/errors.js';
import { crc32 } from '../../src/support/crc32.js';
import { readImages } from '../../src/training/image_source.js';
import { loadSegmentation, type LoadSegmentationOptions } from '../../src/training/load_segmentation.js';
import { decodeMask } from '../../src/training/mask_png.js';
import { IGNORED } from '../../src/training/masks.js';
import { Random } from '../../src/training/random.js';
import { writeImage } from './support/image_files.js';
import { encodeMask, writeMaskFolder, type PngForm } from './support/mask_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();

describe('decodeMask()', () => {
  const random = new Random(1, 'split');

  test.each<[PngForm]>(
    ([1, 2, 4, 8] as const).flatMap((depth) =>
      [0, 1, 2, 3, 4].map((filter): [PngForm] => [{ depth, filter, type: filter % 2 === 0 ? 3 : 0 }]),
    ),
  )('reads the numbers of %o', (form) => {
    const size = [5, 11] as const;
    const values = Uint8Array.from({ length: 55 }, () => random.below(2 ** form.depth!));
    const { values: found, ...shape } = decodeMask('read', 'a.png', encodeMask(values, size, form));
    expect(shape).toEqual({ height: 5, width: 11 });
    expect([...found]).toEqual([...values]);
  });

  const good = encodeMask([0, 1, 2, 3], [2, 2]);

  test.each<[string, Uint8Array, string]>([
    ['no PNG', Buffer.from('GIF89a'), 'a mask must be a PNG file'],
    ['nothing', Buffer.alloc(0), 'a mask must be a PNG file'],
    [
      'colour',
      encodeMask([0, 1, 2], [1, 1], { type: 2 }),
      'a mask must have a palette, or grey levels of at most 8 bits',
    ],
    ['interlacing', encodeMask([0], [1, 1], { interlaced: true }), 'a mask must be saved without interlacing'],
    ['no pixels', encodeMask([], [0, 4]), 'it must have from 1 to 67108864 pixels'],
    ['an unknown filter', encodeMask([0], [1, 1], { filter: 7 }), 'its rows must have a known filter'],
    [
      'a changed byte',
      good.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      'the file must be undamaged (its chunk IHDR is not)',
    ],
  ])('refuses %s', (_, bytes, rule) => {
    expect(() => decodeMask('read', 'a.png', bytes)).toThrow(`Cannot read: ${rule}, received file = 'a.png'`);
  });

  test('refuses a file cut anywhere, and one with fewer rows than it claims', () => {
    for (let length = 8; length < good.length; length++) {
      expect(() => decodeMask('read', 'a.png', good.subarray(0, length))).toThrow('the file must be complete');
    }
    const tall = Buffer.from(encodeMask([0, 1, 2, 3], [2, 2]));
    const claimed = encodeMask([0, 1, 2, 3, 0, 0], [3, 2]);
    // The header of three rows before the pixels of two.
    claimed.subarray(0, 33).copy(tall, 0);
    expect(() => decodeMask('read', 'a.png', tall)).toThrow('its pixels must be complete and undamaged');
  });
});

test('decodeMask() refuses forged files with errors of one kind, and gives as many numbers as pixels otherwise', () => {
  const random = new Random(5, 'split');
  const good = encodeMask(
    Uint8Array.from({ length: 99 }, () => random.below(16)),
    [9, 11],
    { depth: 4, filter: 3 },
  );
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const forged = Buffer.from(good);
    for (let change = 0; change <= random.below(3); change++) {
      forged[8 + random.below(forged.length - 8)] = random.below(256);
    }
    try {
      const { values, height, width } = decodeMask('read', 'a.png', withSums(forged));
      expect(values).toHaveLength(height * width);
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

/** Corrects the checksums of the chunks, as far as their lengths are those of the file. */
function withSums(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
  return bytes;
}

describe('loadSegmentation()', () => {
  const load = (folder: string, options: LoadSegmentationOptions = {}): ReturnType<typeof loadSegmentation> =>
    loadSegmentation(inFolder(folder), { size: 16, ...options });

  test('splits images and their masks, and reads both in the same order', async () => {
    writeMaskFolder(inFolder('squares'), 10);
    const { name, cache, train, test: held } = await load('squares');
    expect([name, cache, train.labels.length, held.labels.length]).toEqual(['squares', 'memory', 8, 2]);
    expect([train.classNames, train.masks!.height, train.masks!.width]).toEqual([['ground', 'square'], 16, 16]);
    const order = [...train.labels.keys()].reverse();
    const { images, masks, labels } = await readImages(train, order);
    // What is bright is the square.
    masks!.values.forEach((value, at) => {
      expect(images[3 * at]! > 120).toBe(value === 1);
    });
    expect(labels.every((label) => label === 1)).toBe(true);
    const again = await load('squares', { cache: 'none' });
    expect(again.train.masks).toEqual(train.masks);
    expect((await load('squares', { seed: 2 })).train.masks).not.toEqual(train.masks);
  });

  test('takes split folders, subfolders, and numbers of classes; 255 is no class', async () => {
    for (const part of ['train', 'val']) {
      for (const kind of ['images', 'masks']) fs.mkdirSync(inFolder('split', part, kind, 'a'), { recursive: true });
      await writeImage(inFolder('split', part, 'images', 'a', 'x.jpg'), [200, 10, 10], 4);
      const mask = encodeMask([7, 7, 7, 7, 9, 9, 9, 9, 255, 255, 255, 255, 7, 7, 7, 9], [4, 4], { type: 0 });
      fs.writeFileSync(inFolder('split', part, 'masks', 'a', 'x.png'), mask);
    }
    fs.writeFileSync(inFolder('split', 'train', 'masks', 'alone.png'), encodeMask([7], [1, 1]));
    fs.writeFileSync(inFolder('split', 'classes.json'), '{"sea": 9, "land": 7}');
    fs.writeFileSync(inFolder('split', 'notes.txt'), '');
    const notes: string[] = [];
    const { train, test: held } = await load('split', { size: 4, onLeftOut: (line) => notes.push(line) });
    expect([train.labels.length, held.labels.length, train.classNames]).toEqual([1, 1, ['sea', 'land']]);
    expect([...train.masks!.values]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, IGNORED, IGNORED, IGNORED, IGNORED, 1, 1, 1, 0]);
    expect(notes.join()).toContain('notes.txt');
    expect(notes.join()).toContain('1 mask without an image (train/masks/alone.png)');
  });

  test.each([
    ['crop', [1, 2, 1, 2]],
    ['stretch', [1, 3, 1, 3]],
    ['contain', [1, 3, IGNORED, IGNORED]],
  ] as const)('fits masks as images: %s', async (fit, wanted) => {
    const folder = `fit_${fit}`;
    for (const kind of ['images', 'masks']) fs.mkdirSync(inFolder(folder, kind), { recursive: true });
    for (const index of [0, 1]) {
      const values = [0, 1, 2, 3, 0, 1, 2, 3];
      fs.writeFileSync(inFolder(folder, 'masks', `${index}.png`), encodeMask(values, [2, 4]));
      const grey = values.map((value) => 60 * value);
      fs.writeFileSync(inFolder(folder, 'images', `${index}.png`), encodeMask(grey, [2, 4], { type: 0 }));
    }
    fs.writeFileSync(inFolder(folder, 'classes.json'), '["a", "b", "c", "d"]');
    const { train } = await load(folder, { size: 2, fit });
    expect([...train.masks!.values]).toEqual(wanted);
  });

  test('lists everything that is wrong with masks', async () => {
    writeMaskFolder(inFolder('wrong'), 5);
    fs.rmSync(inFolder('wrong/masks/0.png'));
    fs.writeFileSync(inFolder('wrong/masks/1.png'), encodeMask(new Uint8Array(16 * 15), [15, 16]));
    fs.writeFileSync(inFolder('wrong/masks/3.png'), encodeMask(new Uint8Array(256).fill(4, 37, 38), [16, 16]));
    const failure = load('wrong');
    await expect(failure).rejects.toThrow('no mask may be missing or wrong, but 3 are: ');
    await expect(failure).rejects.toThrow('images/0.png: every image must have a mask; ');
    await expect(failure).rejects.toThrow(
      'masks/1.png: a mask must have the size of its image, 16 × 16, and this has 15 × 16; ',
    );
    await expect(failure).rejects.toThrow('masks/3.png: masks must hold the numbers of classes (y 2, x 5 is 4)');
    await expect(failure).rejects.toThrow(`received file = '${inFolder('wrong')}'`);
  });

  test('finds its folders in upper or lower case, and test images in validation too', async () => {
    writeMaskFolder(inFolder('capitals'), 5);
    fs.mkdirSync(inFolder('capitals/Train'));
    for (const name of ['Images', 'MASKS']) {
      fs.renameSync(inFolder('capitals', name.toLowerCase()), inFolder('capitals/Train', name));
    }
    fs.cpSync(inFolder('capitals/Train'), inFolder('capitals/Validation'), { recursive: true });
    const { train, test: held } = await load('capitals');
    expect([train.labels.length, held.labels.length]).toEqual([5, 5]);
    fs.rmSync(inFolder('capitals/Validation/MASKS'), { recursive: true });
    await expect(load('capitals')).rejects.toThrow(
      `the folder must contain images and masks, received folder = '${inFolder('capitals/Validation')}'`,
    );
  });

  test('lists broken images, or passes over them', async () => {
    writeMaskFolder(inFolder('broken'), 6);
    fs.truncateSync(inFolder('broken/images/2.png'), 60);
    await expect(load('broken')).rejects.toThrow(`received file = '${inFolder('broken/images/2.png')}'`);
    const notes: string[] = [];
    const { train, test: held } = await load('broken', { skipBroken: true, onLeftOut: (line) => notes.push(line) });
    expect(train.labels.length + held.labels.length).toBe(5);
    expect(notes.join()).toContain('1 broken file (images/2.png)');
  });

  test.each([
    [
      'no folder of masks',
      { remove: 'masks' },
      'the folder must contain images and masks, or train and test or val with both',
    ],
    [
      'no file of classes',
      { remove: 'classes.json' },
      'a folder of images and masks must have the names of its classes, such as ["ground", "road"]',
    ],
    ['classes that are no JSON', { classes: '[' }, 'it must be a JSON file'],
    ['a number for classes', { classes: '5' }, 'it must be a list of names, or an object of numbers by name'],
    ['one class', { classes: '["a"]' }, 'it must name from 2 to 255 classes'],
    ['a class without a name', { classes: '["a", ""]' }, 'every class must have a name'],
    ['two equal numbers', { classes: '{"a": 1, "b": 1}' }, 'no two classes may have the same number (1)'],
    ['two equal names', { classes: '["a", "a"]' }, 'no two classes may have the same name'],
    [
      'a large number',
      { classes: '{"a": 1, "b": 256}' },
      "the number of every class must be an integer from 0 to 255 ('b' has another)",
    ],
    ['two images of one name', { copy: 'images/0.jpg' }, 'no two files may differ in their extensions alone'],
  ])('refuses %s', async (_, damage: { remove?: string; classes?: string; copy?: string }, message) => {
    fs.rmSync(inFolder('bad'), { recursive: true, force: true });
    writeMaskFolder(inFolder('bad'), 3);
    const { remove, classes, copy } = damage;
    if (remove !== undefined) fs.rmSync(inFolder('bad', remove), { recursive: true });
    if (classes !== undefined) fs.writeFileSync(inFolder('bad/classes.json'), classes);
    if (copy !== undefined) fs.copyFileSync(inFolder('bad/images/0.png'), inFolder('bad', copy));
    await expect(load('bad')).rejects.toThrow(message);
  });
});
