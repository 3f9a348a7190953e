/** Images that are read when they are needed: caches, broken files, runs that resume to the same bits, memory. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { CorruptFileError } from '../../src/errors.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint_file.js';
import { evaluate } from '../../src/training/evaluate.js';
import { dataFingerprint } from '../../src/training/fingerprint.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { indicesOf, isSource, readImages, type SplitImages } from '../../src/training/image_source.js';
import { loadImages } from '../../src/training/load_images.js';
import type { LoadImagesOptions } from '../../src/training/load_options.js';
import { resume } from '../../src/training/checkpoint.js';
import { Trainer } from '../../src/training/trainer.js';
import type { EpochMemory } from './support/epoch_memory.js';
import { writeImage, writeImageFolder } from './support/image_files.js';
import { temporaryFolder } from './support/temporary_folder.js';
import { TINY_OPTIONS, tinyData, tinyModel, weightBits } from './support/tiny.js';

const inFolder = temporaryFolder();
const CLASSES = { blue: [10, 20, 200], red: [220, 30, 10] } as const;

beforeAll(() => tf.setBackend('cpu'));

const CACHES = [
  { cache: 'memory' },
  { cache: 'none' },
  { cache: 'disk' },
  // The file is there now.
  { cache: 'disk' },
] as const;

function load(folder: string, options: LoadImagesOptions = {}): ReturnType<typeof loadImages> {
  return loadImages(inFolder(folder), {
    size: 8,
    cacheFolder: inFolder('cache'),
    onLeftOut: () => undefined,
    ...options,
  });
}

/** Loads a folder and collects the lines about skipped files. */
async function linesOf(folder: string, options: LoadImagesOptions = {}): Promise<readonly [SplitImages, string[]]> {
  const lines: string[] = [];
  const data = await load(folder, { ...options, onLeftOut: (line) => lines.push(line) });
  return [data, lines];
}

const countOf = ({ train, test: held }: SplitImages): number => train.labels.length + held.labels.length;

describe('loadImages()', () => {
  test('gives the pixels of loadImageFolder() wherever they are kept, and one fingerprint', async () => {
    await writeImageFolder(inFolder('colours'), CLASSES, 10);
    const wanted = await loadImageFolder(inFolder('colours'), { size: 8 });
    const prints = new Set<string>();
    for (const options of CACHES) {
      const data = await load('colours', options);
      expect(data.cache).toBe(options.cache);
      prints.add(await dataFingerprint(data));
      for (const part of ['train', 'test'] as const) {
        const got = await readImages(data[part], indicesOf(data[part])); // prettier-ignore
        expect({ ...got, images: [...got.images] }).toEqual({ ...wanted[part], images: [...wanted[part].images] });
      }
    }
    expect(prints.size).toBe(1);
    expect(prints).not.toContain(await dataFingerprint(await load('colours', { fit: 'contain', seed: 2 })));
    expect(fs.readdirSync(inFolder('cache'))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.pixels$/)]);
  });

  test('reads every format, also in folders inside a class and below a single folder', async () => {
    await writeImageFolder(inFolder('formats/photos'), CLASSES, 2);
    fs.mkdirSync(inFolder('formats/photos/red/more/still more'), { recursive: true });
    for (const format of ['gif', 'tiff', 'avif']) {
      await writeImage(inFolder(`formats/photos/red/more/still more/x.${format}`), [220, 30, 10]);
    }
    const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="#dc1e0a"/></svg>'; // prettier-ignore
    fs.writeFileSync(inFolder('formats/photos/red/more/drawing'), svg);
    const [data, lines] = await linesOf('formats');
    expect(lines).toEqual([]);
    expect(countOf(data)).toBe(8);
    const { images, labels } = await readImages(data.train, indicesOf(data.train)); // prettier-ignore
    labels.forEach((label, index) => {
      const [wanted, pixel] = [Object.values(CLASSES)[label]!, images.subarray(index * 192, index * 192 + 3)];
      wanted.forEach((value, channel) => {
        expect(Math.abs(value - pixel[channel]!)).toBeLessThan(12);
      });
    });
  });

  test('follows links between classes once', async () => {
    await writeImageFolder(inFolder('linked'), CLASSES, 2);
    fs.symlinkSync('../blue', inFolder('linked/red/other'));
    fs.symlinkSync('../red', inFolder('linked/blue/other'));
    const [data, lines] = await linesOf('linked');
    expect(countOf(data)).toBe(8);
    expect(lines).toEqual([
      expect.stringContaining('2 links to a folder around it (blue/other/other, red/other/other)'),
    ]);
  });

  test('lists all broken files in one error, or passes over them', async () => {
    await writeImageFolder(inFolder('broken'), CLASSES, 4);
    fs.truncateSync(inFolder('broken/red/0.png'), 60);
    fs.truncateSync(inFolder('broken/blue/1.jpg'), 200);
    const failure = load('broken', { cache: 'none' });
    await expect(failure).rejects.toThrow(CorruptFileError);
    await expect(failure).rejects.toThrow(
      'but 2 are (skipBroken, --skip-broken pass over them): every image must be complete and readable: blue/1.jpg, red/0.png',
    );
    fs.writeFileSync(inFolder('broken/red/page.png'), '<html>');
    fs.symlinkSync('nowhere', inFolder('broken/red/gone'));
    await expect(load('broken')).rejects.toThrow(
      'but 2 are (skipBroken, --skip-broken pass over them): symbolic links must not be broken: red/gone; every image must be a jpg, png, webp, gif, avif, tiff or svg (it is none of these): red/page.png',
    );
    for (const options of CACHES) {
      const [data, lines] = await linesOf('broken', { ...options, skipBroken: true });
      expect(countOf(data)).toBe(6);
      const names = 'red/gone, red/page.png, blue/1.jpg, …';
      expect(lines).toEqual([`skipped in '${inFolder('broken')}': 4 broken files (${names})`]);
    }
    for (const name of ['0.png', '2.webp']) fs.truncateSync(inFolder(`broken/blue/${name}`), 60);
    fs.truncateSync(inFolder('broken/blue/3.png'), 60);
    await expect(load('broken', { skipBroken: true })).rejects.toThrow(`at least 2 images`);
  });

  test('reports how many images have been checked', async () => {
    const seen: (readonly [number, number])[] = [];
    await load('colours', { cache: 'none', onProgress: (done, total) => seen.push([done, total]) });
    expect(seen).toEqual([[20, 20]]);
  });

  test('notices images that change, and a damaged file of decoded ones', async () => {
    await writeImageFolder(inFolder('changing'), CLASSES, 3);
    const before = new Set(fs.readdirSync(inFolder('cache')));
    const [fromFiles, kept] = [await load('changing', { cache: 'none' }), await load('changing', { cache: 'disk' })];
    const [file] = fs.readdirSync(inFolder('cache')).filter((name) => !before.has(name));
    const cached = fs.readFileSync(inFolder('cache', file!));
    for (const name of fs.readdirSync(inFolder('changing/red'))) {
      await writeImage(inFolder('changing/red', name), [1, 2, 3]);
    }
    await expect(fromFiles.train.read([0, 1, 2])).rejects.toThrow('images must not change during a run');
    expect((await kept.train.read([0])).length).toBe(192);
    fs.writeFileSync(
      inFolder('cache', file!),
      cached.map((byte, index) => (index >= cached.length - 192 * 6 ? 255 - byte : byte)),
    );
    await expect(kept.train.read([0])).rejects.toThrow(
      `kept images must be undamaged (delete the file), received file = '${inFolder('cache', file!)}'`,
    );
  });

  test('decodes again where the file of decoded images is cut or damaged', async () => {
    await writeImageFolder(inFolder('cut'), CLASSES, 3);
    const before = new Set(fs.readdirSync(inFolder('cache')));
    const read = async (): Promise<number[]> => [...(await (await load('cut', { cache: 'disk' })).train.read([0, 1]))];
    const wanted = await read();
    const [name] = fs.readdirSync(inFolder('cache')).filter((one) => !before.has(one));
    const good = fs.readFileSync(inFolder('cache', name!));
    for (const bytes of [
      good.subarray(0, -1),
      Buffer.from('x'),
      good.map((byte, at) => (at === 70 ? 255 - byte : byte)),
    ]) {
      fs.writeFileSync(inFolder('cache', name!), bytes);
      expect(await read()).toEqual(wanted);
      expect(fs.readFileSync(inFolder('cache', name!)).equals(good)).toBe(true);
    }
  });

  test('leaves no file behind if the folder of decoded images cannot be written', async () => {
    fs.writeFileSync(inFolder('a file'), '');
    await expect(load('colours', { cache: 'disk', cacheFolder: inFolder('a file/cache') })).rejects.toThrow(
      'Cannot keep the decoded images: ',
    );
  });

  test('keeps the memory of an epoch small', async () => {
    const folder = inFolder('many');
    for (const name of ['a', 'b']) fs.mkdirSync(`${folder}/${name}`, { recursive: true });
    await sharp({ create: { width: 224, height: 224, channels: 3, background: '#123' } }).toFile(inFolder('one.jpg'));
    const count = 800;
    for (let index = 0; index < count; index++) {
      fs.linkSync(inFolder('one.jpg'), `${folder}/${'ab'[index % 2]!}/${index}.jpg`);
    }
    // In a process of its own: the memory of this one also depends on the tests before.
    const program = path.join(__dirname, 'support/epoch_memory.ts');
    const printed = execFileSync(process.execPath, ['--import', 'tsx', program, folder], { encoding: 'utf8' });
    const { images, grown, whole } = JSON.parse(printed) as EpochMemory;
    expect(images).toBe(count);
    // All of them would take 120 MB, beside what decodes them (80 MB), the thread that does, and the batches that it holds.
    expect(grown).toBeLessThan(40e6);
    expect(whole).toBeLessThan(180e6);
  });
});

describe('Trainer on images that are read when they are needed', () => {
  const OPTIONS = { size: 8, channels: 1, cacheFolder: '' } as const;
  let wanted: readonly string[];

  beforeAll(async () => {
    const data = tinyData();
    for (const part of ['train', 'test'] as const) {
      const { images, labels, classNames } = data[part];
      for (const [index, label] of labels.entries()) {
        fs.mkdirSync(inFolder('bars', part, classNames[label]!), { recursive: true });
        const raw = { width: 8, height: 8, channels: 1 } as const;
        const pixels = images.slice(index * 64, (index + 1) * 64);
        await sharp(pixels, { raw })
          .png()
          .toFile(inFolder('bars', part, classNames[label]!, `${index}.png`));
      }
    }
    const trainer = new Trainer(
      tinyModel(),
      await loadImageFolder(inFolder('bars'), { size: 8, channels: 1 }),
      TINY_OPTIONS,
    );
    await trainer.run();
    wanted = weightBits(trainer.model);
  });

  const open = (cache: 'memory' | 'disk' | 'none'): Promise<SplitImages> =>
    loadImages(inFolder('bars'), { ...OPTIONS, cache, cacheFolder: inFolder('cache') });

  test.each(['memory', 'disk', 'none'] as const)('ends with the bits of a run in memory (%s)', async (cache) => {
    const data = await open(cache);
    expect(isSource(data.train)).toBe(true);
    const trainer = new Trainer(tinyModel(), data, TINY_OPTIONS);
    await trainer.run();
    expect(weightBits(trainer.model)).toEqual(wanted);
    const { accuracy } = await evaluate(trainer.model, trainer.data.test);
    expect(accuracy).toBe(trainer.state.history.at(-1)!.testAccuracy);
    expect(trainer.secondsWaited).toBeGreaterThan(0);
  });

  test('resumes from within an epoch, and from another cache, to the same bits', async () => {
    let trainer = new Trainer(tinyModel(), await open('none'), TINY_OPTIONS);
    for (const [steps, cache] of [
      [3, 'disk'],
      [4, 'memory'],
      [2, 'none'],
    ] as const) {
      // prettier-ignore
      const stop = new AbortController();
      let done = 0;
      const onStep = (): void => {
        if (++done === steps) stop.abort();
      };
      expect(await trainer.run({ signal: stop.signal, onStep })).toBe(false);
      await saveCheckpoint(inFolder('checkpoint.bin'), trainer);
      trainer = new Trainer(tinyModel({ seed: 9 }), await open(cache), TINY_OPTIONS);
      await resume(trainer, await loadCheckpoint(inFolder('checkpoint.bin')));
    }
    expect(await trainer.run()).toBe(true);
    expect(weightBits(trainer.model)).toEqual(wanted);
  });

  test('ends with the error of an image that is gone', async () => {
    fs.cpSync(inFolder('bars'), inFolder('vanishing'), { recursive: true });
    const data = await loadImages(inFolder('vanishing'), { ...OPTIONS, cache: 'none', cacheFolder: inFolder('cache') });
    fs.rmSync(inFolder('vanishing'), { recursive: true });
    const trainer = new Trainer(tinyModel(), data, TINY_OPTIONS);
    await expect(trainer.run()).rejects.toThrow(/Cannot load the images: its folder must exist .*vanishing/);
  });
});
