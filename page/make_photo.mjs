// Makes the small photograph of Explore from scikit-image's example `coffee.png`:
//
//   pip download --no-deps scikit-image==0.24.0 && unzip scikit_image-*.whl 'skimage/data/coffee.png'
//   node page/make_photo.mjs skimage/data/coffee.png
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const SIDE = 16;
/** The cup and its saucer. */
const CROP = { left: 110, top: 20, width: 360, height: 360 };
const TARGET = fileURLToPath(new URL('src/explore/photo/coffee.ts', import.meta.url));

const pixels = await sharp(process.argv[2])
  .extract(CROP)
  .resize(SIDE, SIDE, { kernel: 'cubic' })
  .normalise()
  .removeAlpha()
  .raw()
  .toBuffer();
fs.writeFileSync(
  TARGET,
  `/** A cup of coffee, ${SIDE} × ${SIDE} pixels of red, green and blue in base64; made by page/make_photo.mjs, licence in LICENCE.md. */
export const COFFEE = {
  side: ${SIDE},
  pixels:
    '${pixels.toString('base64')}',
} as const;
`,
);
