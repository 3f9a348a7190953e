/** Two easy classes of images: stripes that lie and stripes that stand, with noise, as PNG files. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '../../../src/training/random.js';

const SIDE = 28;
const PERIOD = 6;

export const STRIPES = ['lying', 'standing'] as const;

export interface StripeFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The images of one class, the same every time. */
export async function stripes(kind: (typeof STRIPES)[number], count: number): Promise<StripeFile[]> {
  const random = new Random(1, 'split', STRIPES.indexOf(kind));
  const files: StripeFile[] = [];
  for (let number = 0; number < count; number++) {
    const phase = random.below(PERIOD);
    const pixels = Buffer.alloc(SIDE * SIDE);
    for (let place = 0; place < pixels.length; place++) {
      const across = kind === 'lying' ? Math.floor(place / SIDE) : place % SIDE;
      pixels[place] = ((across + phase) % PERIOD < PERIOD / 2 ? 200 : 30) + random.below(50);
    }
    const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } });
    files.push({ name: `${kind} ${number}.png`, mimeType: 'image/png', buffer: await image.png().toBuffer() });
  }
  return files;
}

/** The same as a folder with one folder per class. */
export async function writeStripes(folder: string, count: number): Promise<void> {
  for (const kind of STRIPES) {
    fs.mkdirSync(path.join(folder, kind), { recursive: true });
    for (const { name, buffer } of await stripes(kind, count)) fs.writeFileSync(path.join(folder, kind, name), buffer);
  }
}
