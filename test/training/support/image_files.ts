/** Writes small image files, one folder per class. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const FORMATS = ['png', 'jpg', 'webp'] as const;
const GREY_FORMATS = ['png', 'jpg'] as const;

/** Writes one square image of one colour ([grey] or [red, green, blue]) or of noise, in the format of its extension. */
export async function writeImage(file: string, colour: readonly number[] | 'noise', side = 20): Promise<void> {
  const channels = colour === 'noise' || colour.length === 3 ? 3 : 1;
  const pixels = Buffer.alloc(side * side * channels);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colour === 'noise' ? (i * 7919) % 251 : colour[i % channels]!;
  const image = sharp(pixels, { raw: { width: side, height: side, channels } });
  await image.toColourspace(channels === 1 ? 'b-w' : 'srgb').toFile(file);
}

/** Writes `count` images of every class, in several formats and sizes. */
export async function writeImageFolder(
  folder: string,
  classes: Readonly<Record<string, readonly number[]>>,
  count: number,
): Promise<void> {
  for (const [name, colour] of Object.entries(classes)) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
    const formats = colour.length === 1 ? GREY_FORMATS : FORMATS;
    for (let index = 0; index < count; index++) {
      const file = path.join(folder, name, `${index}.${formats[index % formats.length]!}`);
      await writeImage(file, colour, 16 + index);
    }
  }
}
