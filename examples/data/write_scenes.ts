/**
 * Writes drawn scenes as a folder of images and masks, for `train --task segment`: discs, squares and triangles, whose outlines
 * alone tell them apart.
 *
 *   npm run example -- examples/data/write_scenes.ts [--out runs/scenes_data] [--count 400] [--size 64] [--seed 1]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawScenes, SCENE_CLASSES } from './drawn_scenes.js';

/** Colours of the classes in the masks, for those who open one. */
const PALETTE: [number, number, number][] = [
  [40, 40, 40],
  [213, 94, 0],
  [0, 158, 115],
  [0, 114, 178],
];

/** Options of {@link writeScenes}. */
export interface WriteOptions {
  readonly count: number;
  /** Height and width in pixels. */
  readonly size: number;
  readonly seed: number;
}

/** Writes `images`, `masks` and `classes.json` into a folder. */
export async function writeScenes(folder: string, { count, size, seed }: WriteOptions): Promise<void> {
  const { encode } = await import('fast-png');
  const radius = [0.16, 0.26] as const;
  const { images, masks } = drawScenes({ count, size, seed, objectsPerImage: [1, 2], radius, noise: 0.05 });
  for (const part of ['images', 'masks']) await mkdir(path.join(folder, part), { recursive: true });
  await writeFile(path.join(folder, 'classes.json'), `${JSON.stringify(SCENE_CLASSES)}\n`);
  for (let index = 0; index < count; index++) {
    const name = `${String(index).padStart(5, '0')}.png`;
    const pixels = images.subarray(3 * index * size * size, 3 * (index + 1) * size * size);
    const data = Uint8Array.from(pixels, (value) => Math.min(Math.max(Math.round((value + 1) * 127.5), 0), 255));
    await writeFile(path.join(folder, 'images', name), encode({ data, height: size, width: size, channels: 3 }));
    const mask = Uint8Array.from(masks.subarray(index * size * size, (index + 1) * size * size));
    const stored = encode({ data: mask, height: size, width: size, channels: 1, palette: PALETTE });
    await writeFile(path.join(folder, 'masks', name), stored);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'runs/scenes_data' },
      count: { type: 'string', default: '400' },
      size: { type: 'string', default: '64' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [count, size, seed] = [Number(values.count), Number(values.size), Number(values.seed)];
  await writeScenes(values.out, { count, size, seed });
  console.log(`${count} scenes: ${values.out}`);
}

if (require.main === module) void main();
