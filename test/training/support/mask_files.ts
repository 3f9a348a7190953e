/** Writes masks as PNG files, with any depth, type and filter, as the standard defines them. */
import fs from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../../src/support/crc32.js';

/** Form of a PNG file. */
export interface PngForm {
  /** Bits of a pixel. @default 8 */
  readonly depth?: 1 | 2 | 4 | 8 | 16;
  /** 0 for grey, 2 for colour, 3 for a palette. @default 3 */
  readonly type?: 0 | 2 | 3;
  /** Filter of the rows: none, left, above, mean or Paeth's. @default 0 */
  readonly filter?: number;
  readonly interlaced?: boolean;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Encodes numbers [height, width]. */
export function encodeMask(
  values: ArrayLike<number>,
  [height, width]: readonly [number, number],
  { depth = 8, type = 3, filter = 0, interlaced = false }: PngForm = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const stride = Math.ceil((width * depth) / 8);
  const rows = Array.from({ length: height }, () => new Uint8Array(stride));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      rows[y]![bit >> 3]! |= values[y * width + x]! << (8 - depth - (bit & 7));
    }
  }
  const paeth = (a: number, b: number, c: number): number => {
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  };
  const stored = rows.map((row, y) => {
    const above = rows[y - 1];
    const filtered = row.map((value, x) => {
      const [a, b, c] = [row[x - 1] ?? 0, above?.[x] ?? 0, above?.[x - 1] ?? 0];
      return value - [0, a, b, Math.floor((a + b) / 2), paeth(a, b, c)][filter]!;
    });
    return Buffer.from([filter, ...filtered]);
  });
  const palette = Buffer.from(Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, at) => (at * 37) % 256));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(type === 3 ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(stored))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Writes a folder of grey squares on black, with masks: a class on the square, another one on the ground. */
export function writeMaskFolder(folder: string, count: number, side = 16): void {
  for (const part of ['images', 'masks']) fs.mkdirSync(path.join(folder, part), { recursive: true });
  fs.writeFileSync(path.join(folder, 'classes.json'), JSON.stringify(['ground', 'square']));
  for (let index = 0; index < count; index++) {
    const top = 1 + ((index * 3) % (side / 2));
    const isInside = (at: number): boolean => at >= top && at < top + side / 3;
    const mask = Uint8Array.from({ length: side * side }, (_, at) =>
      isInside(Math.floor(at / side)) && isInside(at % side) ? 1 : 0,
    );
    const pixels = mask.map((value) => 40 + 170 * value);
    fs.writeFileSync(path.join(folder, 'images', `${index}.png`), encodeMask(pixels, [side, side], { type: 0 }));
    fs.writeFileSync(path.join(folder, 'masks', `${index}.png`), encodeMask(mask, [side, side], { depth: 1 }));
  }
}
