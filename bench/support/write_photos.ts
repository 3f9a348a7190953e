/** Photos to measure with: JPEG files of blurred colours with an object, in a folder for each class. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/training/random.js';

const CLASSES = ['amber', 'blue', 'coral', 'green', 'violet'] as const;
const TINTS: Readonly<Record<(typeof CLASSES)[number], readonly [number, number, number]>> = {
  amber: [255, 190, 60],
  blue: [60, 110, 255],
  coral: [255, 110, 90],
  green: [70, 200, 90],
  violet: [150, 80, 220],
};

/** Height and width of a photo, in pixels. */
const SIDE = 256;

/** Height and width of the noise that is enlarged to a photo. */
const NOISE = 24;

/** Number of photos that are written at a time. */
const AT_A_TIME = 8;

/**
 * Writes photos that are not there yet.
 *
 * @param folder folder that gets a folder for each class
 * @param count number of photos in all
 */
export async function writePhotos(folder: string, count: number): Promise<void> {
  for (const name of CLASSES) fs.mkdirSync(path.join(folder, name), { recursive: true });
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const name = CLASSES[index % CLASSES.length]!;
      const file = path.join(folder, name, `${String(index).padStart(6, '0')}.jpg`);
      if (fs.existsSync(file)) continue;
      const pixels = draw(new Random(index, 'split'), TINTS[name]);
      const raw = { width: NOISE, height: NOISE, channels: 3 } as const;
      const temporary = `${file}.writing`;
      await sharp(pixels, { raw }).resize(SIDE, SIDE, { kernel: 'cubic' }).jpeg({ quality: 90 }).toFile(temporary);
      fs.renameSync(temporary, file);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, write));
}

/** Draws noise, and on it a disc in the colour of the class. */
function draw(random: Random, tint: readonly number[]): Uint8Array {
  const pixels = Uint8Array.from({ length: NOISE * NOISE * 3 }, () => random.below(256));
  const radius = 3 + random.below(6);
  const [x, y] = [radius + random.below(NOISE - 2 * radius), radius + random.below(NOISE - 2 * radius)];
  for (let row = -radius; row <= radius; row++) {
    for (let column = -radius; column <= radius; column++) {
      if (Math.hypot(row, column) <= radius) pixels.set(tint, ((y + row) * NOISE + x + column) * 3);
    }
  }
  return pixels;
}
