// Sorts the drawings of an emoji package into folders by subcategory, as training images.
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** One drawing in this many is a test image. */
const TEST_EVERY = 10;
/** Subcategories with fewer drawings are left out, since all need a test image. */
const LEAST_DRAWINGS = TEST_EVERY;

/**
 * Lists the drawings of a vendor: each emoji once, and at most one of its skin tones, which would otherwise be most of them.
 *
 * @param folder unpacked package `emoji-datasource-VENDOR`
 * @returns Map from the names of subcategories to paths of PNG files
 */
export function drawings(folder, vendor) {
  const emoji = JSON.parse(fs.readFileSync(path.join(folder, 'emoji.json'), 'utf8'));
  const bySubcategory = new Map();
  emoji.sort((a, b) => a.sort_order - b.sort_order);
  for (const [index, { subcategory, skin_variations: tones = {}, ...base }] of emoji.entries()) {
    const toned = Object.values(tones);
    const drawn = [base, ...toned.slice(index % 5, (index % 5) + 1)].filter((each) => each[`has_img_${vendor}`]);
    const files = drawn.map(({ image }) => path.join(folder, 'img', vendor, '64', image));
    bySubcategory.set(subcategory, [...(bySubcategory.get(subcategory) ?? []), ...files]);
  }
  return bySubcategory;
}

/**
 * Writes `train` and `test` with a folder for each subcategory. Every training drawing is there twice: as it is, and in other
 * colours or none on another ground, so that neither colours nor a white ground identify a class.
 */
export async function writeImages(folder, vendor, target) {
  fs.rmSync(target, { recursive: true, force: true });
  const random = generator(1);
  for (const [subcategory, files] of drawings(folder, vendor)) {
    if (files.length < LEAST_DRAWINGS) continue;
    for (const [index, file] of files.entries()) {
      const split = index % TEST_EVERY === TEST_EVERY - 1 ? 'test' : 'train';
      const to = path.join(target, split, subcategory.replaceAll(' ', '_'));
      fs.mkdirSync(to, { recursive: true });
      fs.copyFileSync(file, path.join(to, path.basename(file)));
      if (split === 'train') await recolored(file, random).toFile(path.join(to, `recolored-${path.basename(file)}`));
    }
  }
}

function recolored(file, random) {
  const [r, g, b] = random() < 0.4 ? [0, 0, 0] : [256, 256, 256].map((count) => Math.floor(random() * count));
  const image = sharp(file);
  if (random() < 0.5) return image.flatten({ background: { r, g, b } }).greyscale().png();
  return image
    .modulate({ hue: Math.floor(random() * 360) })
    .flatten({ background: { r, g, b } })
    .png();
}

/** Random numbers in [0, 1), the same for each seed (mulberry32). */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
