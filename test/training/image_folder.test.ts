/** Folders of images by class. */
import fs from 'node:fs';
import { CorruptFileError } from '../../src/errors.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { writeImage, writeImageFolder } from './support/image_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();
const CLASSES = { blue: [10, 20, 200], red: [220, 30, 10] } as const;

describe('loadImageFolder()', () => {
  test('loads jpg, png and webp by class, resized, a fifth of every class for the test', async () => {
    await writeImageFolder(inFolder('colours'), CLASSES, 10);
    const { name, train, test: held } = await loadImageFolder(inFolder('colours'), { size: 12 });
    expect(name).toBe('colours');
    expect([train.height, train.width, train.channels]).toEqual([12, 12, 3]);
    expect(train.classNames).toEqual(['blue', 'red']);
    const count = (labels: Int32Array): number[] =>
      [0, 1].map((label) => labels.filter((other) => other === label).length);
    expect(count(train.labels)).toEqual([8, 8]);
    expect(count(held.labels)).toEqual([2, 2]);
    // Colours survive up to the loss of jpg and webp, so images and labels belong together.
    train.labels.forEach((label, index) => {
      const want = [CLASSES.blue, CLASSES.red][label]!;
      want.forEach((value, channel) => {
        expect(Math.abs(train.images[index * 12 * 12 * 3 + channel]! - value)).toBeLessThan(12);
      });
    });
  });

  test('divides alike for one seed and otherwise for another', async () => {
    await writeImageFolder(inFolder('seeds'), CLASSES, 10);
    const order = async (seed: number): Promise<number[]> => [
      ...(await loadImageFolder(inFolder('seeds'), { size: 8, seed })).train.labels,
    ];
    expect(await order(1)).toEqual(await order(1));
    expect(await order(1)).not.toEqual(await order(2));
  });

  test('follows train and test folders', async () => {
    await writeImageFolder(inFolder('divided', 'train'), CLASSES, 3);
    await writeImageFolder(inFolder('divided', 'test'), CLASSES, 1);
    const data = await loadImageFolder(inFolder('divided'), { size: 8 });
    expect(data.train.labels.length).toBe(6);
    expect([...data.test.labels]).toEqual([0, 1]);
  });

  test('gives one channel where every image is grey, and as many as asked for', async () => {
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

  test('refuses a class without enough images and names it', async () => {
    await writeImageFolder(inFolder('poor'), CLASSES, 5);
    fs.mkdirSync(inFolder('poor', 'green'));
    fs.writeFileSync(inFolder('poor', 'green', 'notes.txt'), 'no image');
    await expect(loadImageFolder(inFolder('poor'))).rejects.toThrow(inFolder('poor', 'green'));
  });

  test('refuses differing classes of train and test', async () => {
    await writeImageFolder(inFolder('differing', 'train'), CLASSES, 2);
    await writeImageFolder(inFolder('differing', 'test'), { blue: [0, 0, 255], green: [0, 255, 0] }, 2);
    await expect(loadImageFolder(inFolder('differing'))).rejects.toThrow(
      'train and test must have the same classes (blue, red)',
    );
  });

  test.each([
    [
      'no image at all',
      (file: string) => {
        fs.writeFileSync(file, 'not a png');
      },
    ],
    [
      'cut short',
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
});
