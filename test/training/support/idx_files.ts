/** Writes small IDX files named as those of MNIST: each class is a bar in another row. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const SIDE = 28;

/** Options of `writeIdxFolder`. */
export interface IdxFolderOptions {
  /** Number of training images. */
  readonly train: number;
  /** Number of test images. */
  readonly test: number;
  readonly classes: number;
  /** Separator between name and format. @default '-' */
  readonly separator?: string;
  /** @default false */
  readonly gzip?: boolean;
}

/** Writes one IDX file of unsigned bytes. */
export function writeIdx(file: string, shape: readonly number[], values: Uint8Array, gzip = false): void {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  const bytes = Buffer.concat([header, values]);
  fs.writeFileSync(gzip ? `${file}.gz` : file, gzip ? gzipSync(bytes) : bytes);
}

/** Writes the four files of a data set of 28 × 28 images with alternating classes. */
export function writeIdxFolder(folder: string, options: IdxFolderOptions): void {
  const { train, test, classes, separator = '-', gzip = false } = options;
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, count] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, index) => index % classes);
    const images = new Uint8Array(count * SIDE * SIDE);
    labels.forEach((label, index) => {
      const row = 4 + Math.floor((label * 20) / classes);
      for (let y = row; y < row + 3; y++) {
        images.fill(200 + ((index * 7) % 50), (index * SIDE + y) * SIDE + 4, (index * SIDE + y) * SIDE + 24);
      }
    });
    writeIdx(path.join(folder, `${name}-images${separator}idx3-ubyte`), [count, SIDE, SIDE], images, gzip);
    writeIdx(path.join(folder, `${name}-labels${separator}idx1-ubyte`), [count], labels, gzip);
  }
}
