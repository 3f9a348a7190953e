/** Folders of images sorted by class. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { CorruptFileError } from '../../src/errors.js';
import type { SplitDataset } from '../../src/training/dataset.js';
import { readImage } from '../../src/training/decode_image.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { writeImage, writeImageFolder } from './support/image_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();
const DECODING = { height: 8, width: 8, channels: 3, fit: 'crop', background: [0, 0, 0] } as const;
const CLASSES = { blue: [10, 20, 200], red: [220, 30, 10] } as const;

describe('loadImageFolder()', () => {
  test('loads jpg, png and webp by class, resized, with a fifth of every class for testing', async () => {
    await writeImageFolder(inFolder('colours'), CLASSES, 10);
    const { name, train, test: held } = await loadImageFolder(inFolder('colours'), { size: 12 });
    expect(name).toBe('colours');
    expect([train.height, train.width, train.channels]).toEqual([12, 12, 3]);
    expect(train.classNames).toEqual(['blue', 'red']);
    const count = (labels: Int32Array): number[] =>
      [0, 1].map((label) => labels.filter((other) => other === label).length);
    expect(count(train.labels)).toEqual([8, 8]);
    expect(count(held.labels)).toEqual([2, 2]);
    // Colours survive, up to the loss of jpg and webp, so images and labels match.
    train.labels.forEach((label, index) => {
      const want = [CLASSES.blue, CLASSES.red][label]!;
      want.forEach((value, channel) => {
        expect(Math.abs(train.images[index * 12 * 12 * 3 + channel]! - value)).toBeLessThan(12);
      });
    });
  });

  test('splits in the same way for the same seed and differently for another', async () => {
    await writeImageFolder(inFolder('seeds'), CLASSES, 10);
    const order = async (seed: number): Promise<number[]> => [
      ...(await loadImageFolder(inFolder('seeds'), { size: 8, seed })).train.labels,
    ];
    expect(await order(1)).toEqual(await order(1));
    expect(await order(1)).not.toEqual(await order(2));
  });

  test('uses train and test folders', async () => {
    await writeImageFolder(inFolder('divided', 'train'), CLASSES, 3);
    await writeImageFolder(inFolder('divided', 'test'), CLASSES, 1);
    const data = await loadImageFolder(inFolder('divided'), { size: 8 });
    expect(data.train.labels.length).toBe(6);
    expect([...data.test.labels]).toEqual([0, 1]);
  });

  test('returns one channel if all images are greyscale, and as many as requested', async () => {
    await writeImageFolder(inFolder('grey'), { dark: [40], light: [230] }, 5);
    const grey = await loadImageFolder(inFolder('grey'), { size: 8 });
    expect(grey.train.channels).toBe(1);
    expect(new Set(grey.train.images)).toEqual(new Set([40, 230]));
    expect((await loadImageFolder(inFolder('grey'), { size: 8, channels: 3 })).train.channels).toBe(3);
    await writeImageFolder(inFolder('tocolour'), CLASSES, 5);
    expect((await loadImageFolder(inFolder('tocolour'), { size: 8, channels: 1 })).train.images.length).toBe(8 * 64);
  });

  test('refuses an empty folder and one with a single class', async () => {
    fs.mkdirSync(inFolder('empty'));
    await expect(loadImageFolder(inFolder('empty'))).rejects.toThrow('one folder of images per class, at least two');
    await writeImageFolder(inFolder('single'), { only: [1, 2, 3] }, 3);
    await expect(loadImageFolder(inFolder('single'))).rejects.toThrow('at least two');
  });

  test('refuses a class with too few images and names it', async () => {
    await writeImageFolder(inFolder('poor'), CLASSES, 5);
    fs.mkdirSync(inFolder('poor', 'green'));
    fs.writeFileSync(inFolder('poor', 'green', 'notes.txt'), 'no image');
    await expect(loadImageFolder(inFolder('poor'))).rejects.toThrow(inFolder('poor', 'green'));
  });

  test('refuses different classes in train and test', async () => {
    await writeImageFolder(inFolder('differing', 'train'), CLASSES, 2);
    await writeImageFolder(inFolder('differing', 'test'), { blue: [0, 0, 255], green: [0, 255, 0] }, 2);
    await expect(loadImageFolder(inFolder('differing'))).rejects.toThrow(
      'train and test must have the same classes (blue, red)',
    );
  });

  test.each([
    [
      'not an image at all',
      (file: string) => {
        fs.writeFileSync(file, 'not a png');
      },
    ],
    [
      'truncated',
      (file: string) => {
        fs.truncateSync(file, Math.floor(fs.statSync(file).size * 0.6));
      },
    ],
    [
      'empty',
      (file: string) => {
        fs.truncateSync(file, 0);
      },
    ],
  ])('names an image that is %s', async (title, damage) => {
    const folder = inFolder(title);
    await writeImageFolder(folder, CLASSES, 4);
    const file = inFolder(title, 'red', 'noise.png');
    await writeImage(file, 'noise', 40);
    damage(file);
    const failure = loadImageFolder(folder);
    await expect(failure).rejects.toThrow(CorruptFileError);
    await expect(failure).rejects.toThrow(file);
  });

  test.each([
    [2 ** 20, 40, 'at most 32768 pixels wide and high'],
    [40, 2 ** 20, 'at most 32768 pixels wide and high'],
    [2 ** 14, 2 ** 14, 'have at most 67108864 pixels'],
  ])('refuses a PNG whose header claims %i × %i pixels before it decodes them', async (width, height, rule) => {
    const folder = inFolder(`claims-${width}-${height}`);
    await writeImageFolder(folder, CLASSES, 4);
    const file = inFolder(`claims-${width}-${height}`, 'red', 'claims.png');
    await writeImage(file, 'noise', 40);
    const bytes = fs.readFileSync(file);
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    fs.writeFileSync(file, bytes);
    await expect(loadImageFolder(folder)).rejects.toThrow(rule);
    await expect(loadImageFolder(folder, { channels: 3 })).rejects.toThrow(rule);
  });

  test.each(['png', 'jpg', 'webp'])('reads a %s again after it has changed', async (format) => {
    const folder = inFolder(`changing-${format}`);
    await writeImageFolder(folder, { dark: [40], light: [230] }, 2);
    const first = inFolder(`changing-${format}`, 'dark', `0.${format}`);
    const pixels = async (value: number): Promise<number[]> => {
      await writeImage(first, [value, value, value]);
      const { train, test: held } = await loadImageFolder(folder, { size: 8, channels: 1 });
      return [...new Set([...train.images, ...held.images])].sort((a, b) => a - b);
    };
    expect(await pixels(90)).toEqual([40, 90, 230]);
    expect(await pixels(150)).toEqual([40, 150, 230]);
  });

  test.each(['x[1].png', '0.png[access=random]', 'x.png[page=0]', 'x[1]'])(
    'treats the name %j as a name and not as settings of the decoder',
    async (name) => {
      const folder = inFolder(`brackets-${name}`);
      await writeImageFolder(folder, CLASSES, 2);
      await writeImage(inFolder('white.png'), [255, 255, 255]);
      fs.renameSync(inFolder('white.png'), `${folder}/red/${name}`);
      const { train, test: held } = await loadImageFolder(folder, { size: 8 });
      expect(train.labels.length + held.labels.length).toBe(5);
      expect(Math.max(...train.images, ...held.images)).toBe(255);
    },
  );

  test('names files with line breaks in their names on one line', async () => {
    const folder = inFolder('breaks');
    await writeImageFolder(folder, CLASSES, 2);
    fs.writeFileSync(`${folder}/a\nb\u001b[31m.txt`, 'x');
    const lines: string[] = [];
    await loadImageFolder(folder, { size: 8, onLeftOut: (line) => lines.push(line) });
    expect(lines).toEqual([`skipped in '${folder}': 1 file beside the folders (a b [31m.txt)`]);
    fs.writeFileSync(`${folder}/red/a\nb.png`, 'x');
    await expect(loadImageFolder(folder, { size: 8 })).rejects.toThrow(`received file = '${folder}/red/a b.png'`);
  });

  test('explains what is wrong with a name that is not UTF-8', async () => {
    const folder = inFolder('latin');
    await writeImageFolder(folder, CLASSES, 2);
    const name = Buffer.from(`${folder}/red/caf\u00e9.png`, 'latin1');
    fs.writeFileSync(name, 'x');
    await expect(loadImageFolder(folder, { size: 8 })).rejects.toThrow('file names must be valid UTF-8');
  });

  describe('by its rules for files', () => {
    /** Modifies a good folder; returns the data loaded from it and the lines about skipped files. */
    async function load(
      name: string,
      change: (folder: string) => void | Promise<void>,
      parts: readonly string[] = [''],
    ): Promise<{ readonly data: SplitDataset; readonly lines: readonly string[] }> {
      const folder = inFolder(name);
      for (const part of parts) await writeImageFolder(`${folder}/${part}`, CLASSES, 4);
      await change(folder);
      const lines: string[] = [];
      const data = await loadImageFolder(folder, { size: 8, onLeftOut: (line) => lines.push(line) });
      return { data, lines };
    }

    test('system files are ignored silently', async () => {
      const { data, lines } = await load('systems', (folder) => {
        for (const place of [folder, `${folder}/red`]) {
          for (const name of ['._0.png', '.DS_Store', 'Thumbs.db', 'thumbs.db', 'desktop.ini', 'ehthumbs.db']) {
            fs.writeFileSync(`${place}/${name}`, 'junk');
          }
          for (const name of ['__MACOSX', '.git', '@eaDir', '.ipynb_checkpoints']) {
            fs.mkdirSync(`${place}/${name}`);
            fs.writeFileSync(`${place}/${name}/0.png`, 'junk');
          }
        }
      });
      expect(data.train.classNames).toEqual(['blue', 'red']);
      expect(data.train.labels.length + data.test.labels.length).toBe(8);
      expect(lines).toEqual([]);
    });

    test('everything else that is skipped is reported in one line', async () => {
      const { data, lines } = await load('others', (folder) => {
        fs.writeFileSync(`${folder}/labels.csv`, 'a,b');
        fs.copyFileSync(`${folder}/red/0.png`, `${folder}/loose.png`);
        fs.mkdirSync(`${folder}/red/more`);
        fs.copyFileSync(`${folder}/red/0.png`, `${folder}/red/more/0.png`);
        for (const name of ['a.heic', 'b.txt', 'c', 'd.bmp']) fs.writeFileSync(`${folder}/blue/${name}`, 'BM');
        execFileSync('mkfifo', [`${folder}/blue/pipe`]);
      });
      expect(data.train.labels.length + data.test.labels.length).toBe(9);
      expect(lines).toEqual([
        `skipped in '${inFolder('others')}': 2 files beside the folders (labels.csv, loose.png); ` +
          '4 files in another format (blue/a.heic, blue/b.txt, blue/c, …); 1 special file (blue/pipe)',
      ]);
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      await loadImageFolder(inFolder('others'), { size: 8 });
      expect(warn.mock.calls).toEqual([lines]);
      warn.mockRestore();
    });

    test('the format is recognized by the content, not by the name', async () => {
      const { data, lines } = await load('contents', (folder) => {
        fs.renameSync(`${folder}/red/0.png`, `${folder}/red/0.JPEG`);
        fs.renameSync(`${folder}/red/1.jpg`, `${folder}/red/without`);
        fs.renameSync(`${folder}/red/2.webp`, `${folder}/red/2.dat`);
      });
      expect(data.train.labels.length + data.test.labels.length).toBe(8);
      expect(lines).toEqual([]);
    });

    test.each([
      [['train', 'test']],
      [['train', 'val']],
      [['train', 'validation']],
      [['Train', 'Valid']],
      [['TRAINING', 'testing']],
    ])('%j are a split, not classes', async (parts) => {
      const { data, lines } = await load(parts.join('-'), () => undefined, parts);
      expect(data.train.classNames).toEqual(['blue', 'red']);
      expect([data.train.labels.length, data.test.labels.length]).toEqual([8, 8]);
      expect(lines).toEqual([]);
    });

    test('train, val and test: test is used, and val and other folders are reported', async () => {
      const { data, lines } = await load(
        'three',
        (folder) => {
          fs.rmSync(`${folder}/val/red/0.png`);
          fs.rmSync(`${folder}/test/blue/0.png`);
          fs.rmSync(`${folder}/test/red/0.png`);
          fs.writeFileSync(`${folder}/train/README`, 'mine');
          fs.mkdirSync(`${folder}/docs`);
        },
        ['train', 'val', 'test'],
      );
      expect([data.train.labels.length, data.test.labels.length]).toEqual([8, 6]);
      expect(lines).toEqual([
        `skipped in '${inFolder('three')}': 2 folders (docs, val); 1 file beside the folders (train/README)`,
      ]);
    });

    test('a class may be called train if nothing is held out, and ambiguous splits are refused', async () => {
      await writeImageFolder(inFolder('vehicles'), { bus: [1, 2, 3], train: [200, 100, 0] }, 4);
      expect((await loadImageFolder(inFolder('vehicles'), { size: 8 })).train.classNames).toEqual(['bus', 'train']);
      await expect(load('twice', () => undefined, ['train', 'val', 'valid'])).rejects.toThrow(
        "only one folder may be the validation part, received folders of '",
      );
      await expect(load('without', () => undefined, ['val', 'test'])).rejects.toThrow(
        'a folder with test and val must also have train',
      );
    });

    test.each([
      [
        'a broken link',
        (file: string): void => {
          fs.symlinkSync('nowhere', file);
        },
        'symbolic links must not be broken',
      ],
      [
        'a link to itself',
        (file: string): void => {
          fs.symlinkSync(file, file);
        },
        'symbolic links must not be broken',
      ],
      ['a pipe', (file: string): void => void execFileSync('mkfifo', [file]), 'it is not a regular file'],
      [
        'a web page saved as an image',
        (file: string): void => {
          fs.writeFileSync(file, '<html>');
        },
        'it is none of these',
      ],
    ])('%s named as an image is a clear error', async (name, make, rule) => {
      const failure = load(name, (folder) => {
        make(`${folder}/red/x.png`);
      });
      await expect(failure).rejects.toThrow(CorruptFileError);
      await expect(failure).rejects.toThrow(rule);
      await expect(failure).rejects.toThrow(`received file = '${inFolder(name)}/red/x.png'`);
      await expect(readImage(inFolder(name, 'red/x.png'), DECODING)).rejects.toThrow(rule);
    });

    test('links are followed, and a broken link in place of a class is an error', async () => {
      await writeImageFolder(inFolder('store'), CLASSES, 4);
      fs.mkdirSync(inFolder('linked'));
      fs.symlinkSync('../store/red', inFolder('linked/red'));
      fs.mkdirSync(inFolder('linked/blue'));
      for (const name of fs.readdirSync(inFolder('store/blue'))) {
        fs.symlinkSync(`../../store/blue/${name}`, inFolder('linked/blue', name));
      }
      expect((await loadImageFolder(inFolder('linked'), { size: 8 })).train.classNames).toEqual(['blue', 'red']);
      fs.symlinkSync('../gone', inFolder('linked/gone'));
      await expect(loadImageFolder(inFolder('linked'))).rejects.toThrow(
        `symbolic links must not be broken, received file = '${inFolder('linked/gone')}'`,
      );
    });

    test.each([
      ['a class', '', 'own'],
      ['a class of a split folder', 'train', 'train/own'],
    ])(
      'a link to its own folder or to one around it in place of %s is skipped and counted',
      async (name, part, link) => {
        const folder = inFolder(`loop of ${name}`);
        const parts = part === '' ? [''] : ['train', 'test'];
        for (const each of parts) await writeImageFolder(`${folder}/${each}`, CLASSES, 4);
        // Images beside the classes: through the link they would become a class of their own.
        const own = `${folder}/${part}`;
        for (const image of fs.readdirSync(`${own}/red`)) fs.copyFileSync(`${own}/red/${image}`, `${own}/${image}`);
        const wanted = await loadImageFolder(folder, { size: 8, onLeftOut: () => undefined });
        fs.symlinkSync('.', `${folder}/${link}`);
        fs.symlinkSync('..', `${folder}/${link}_above`);
        const lines: string[] = [];
        const { train, test: held } = await loadImageFolder(folder, { size: 8, onLeftOut: (line) => lines.push(line) });
        expect(train).toEqual(wanted.train);
        expect(held).toEqual(wanted.test);
        expect(lines).toEqual([expect.stringContaining(`2 links to a folder around it (${link}, ${link}_above)`)]);
      },
    );
  });
});
