// Makes the photographs of the page from scikit-image's examples: the small one of Explore, and those that See has for networks
// of the user.
//
//   pip download --no-deps scikit-image==0.24.0 && unzip scikit_image-*.whl 'skimage/data/*'
//   node page/make_photos.mjs skimage/data
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const SIDE = 16;
/** The cup and its saucer. */
const CROP = { left: 110, top: 20, width: 360, height: 360 };
const TARGET = fileURLToPath(new URL('src/explore/photo/coffee.ts', import.meta.url));

/** Height and width that most networks for photographs take. */
const EXAMPLE_SIDE = 224;
const EXAMPLES = {
  cat: ['chelsea.png', { left: 60, top: 0, width: 300, height: 300 }],
  coffee: ['coffee.png', { left: 90, top: 0, width: 400, height: 400 }],
  astronaut: ['astronaut.png', { left: 0, top: 0, width: 512, height: 512 }],
  rocket: ['rocket.jpg', { left: 130, top: 0, width: 427, height: 427 }],
};
const FOLDER = fileURLToPath(new URL('public/photos', import.meta.url));

const [source] = process.argv.slice(2);

const pixels = await sharp(path.join(source, 'coffee.png'))
  .extract(CROP)
  .resize(SIDE, SIDE, { kernel: 'cubic' })
  .normalise()
  .removeAlpha()
  .raw()
  .toBuffer();
fs.writeFileSync(
  TARGET,
  `/** A cup of coffee, ${SIDE} × ${SIDE} pixels of red, green and blue in base64; made by page/make_photos.mjs, licence in LICENCE.md. */
export const COFFEE = {
  side: ${SIDE},
  pixels:
    '${pixels.toString('base64')}',
} as const;
`,
);

fs.mkdirSync(FOLDER, { recursive: true });
for (const [name, [file, crop]] of Object.entries(EXAMPLES)) {
  const photo = sharp(path.join(source, file)).extract(crop).resize(EXAMPLE_SIDE, EXAMPLE_SIDE).removeAlpha();
  await photo.webp({ quality: 80, effort: 6 }).toFile(path.join(FOLDER, `${name}.webp`));
}
