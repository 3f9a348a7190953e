// Sorts the drawings of an emoji package into folders by subcategory, as training images.
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** One drawing in this many is a test image. */
const TEST_EVERY = 10;
/** Height and width in pixels. */
const SIDE = 64;
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
    const files = drawn.map(({ image }) => path.join(folder, 'img', vendor, `${SIDE}`, image));
    bySubcategory.set(subcategory, [...(bySubcategory.get(subcategory) ?? []), ...files]);
  }
  return bySubcategory;
}

/**
 * Lists the drawings of icon sets, without skin tones. Icons are named as Unicode names emoji, in words and hyphens; those of the first set come with
 * their code points.
 *
 * @param emoji entries of `emoji.json` of a package `emoji-datasource-VENDOR`
 * @param folders unpacked packages `@iconify-json/SET`, the first with `chars.json`
 * @returns `{ entry, image, name }` of each icon that is an emoji: its entry, an SVG document, a file name
 */
function icons(emoji, folders) {
  const read = (folder, file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
  const byCode = new Map(emoji.map((entry) => [code(entry.unified), entry]));
  const byName = new Map(emoji.map((entry) => [hyphened(entry.name ?? ''), entry]));
  for (const [points, name] of Object.entries(read(folders[0], 'chars.json'))) {
    if (byCode.has(code(points))) byName.set(name, byCode.get(code(points)));
  }
  return folders.flatMap((folder) => {
    const { icons: drawn, width = 16, height = width, prefix } = read(folder, 'icons.json');
    return Object.entries(drawn).flatMap(([name, icon]) => {
      // Sets name flags `flag-for-…`, and number several drawings of one emoji.
      const entry = byName.get(name) ?? byName.get(name.replace('flag-for-', 'flag-').replace(/-\d+$/, ''));
      if (entry === undefined) return [];
      const box = `0 0 ${icon.width ?? width} ${icon.height ?? height}`;
      const open = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${box}"`;
      const image = Buffer.from(`${open} width="${SIDE}" height="${SIDE}">${icon.body}</svg>`);
      return [{ entry, image, name: `${prefix}-${name}.png` }];
    });
  });
}

/**
 * Writes `train` and `test` with a folder for each subcategory. The test images are a vendor's drawings of emoji of which no
 * drawing is trained on, by whomever. Every training drawing is there twice: as it is, and in other colours or none on another
 * ground, so that neither colours nor a white ground identify a class.
 *
 * @param sets names of the icon sets beside the vendor's drawings; the first has `chars.json`
 */
export async function writeImages(folder, vendor, sets, target) {
  fs.rmSync(target, { recursive: true, force: true });
  const random = generator(1);
  const write = async (image, split, subcategory, name) => {
    const to = path.join(target, split, subcategory.replaceAll(' ', '_'));
    fs.mkdirSync(to, { recursive: true });
    await sharp(image).png().toFile(path.join(to, name));
    if (split === 'train') await recolored(image, random).toFile(path.join(to, `recolored-${name}`));
  };
  const emoji = JSON.parse(fs.readFileSync(path.join(folder, vendor, 'emoji.json'), 'utf8'));
  const tested = new Set();
  const kept = new Set();
  for (const [subcategory, files] of drawings(path.join(folder, vendor), vendor)) {
    if (files.length < LEAST_DRAWINGS) continue;
    kept.add(subcategory);
    for (const [index, file] of files.entries()) {
      const split = index % TEST_EVERY === TEST_EVERY - 1 ? 'test' : 'train';
      if (split === 'test') tested.add(path.basename(file, '.png'));
      await write(file, split, subcategory, path.basename(file));
    }
  }
  const folders = sets.map((set) => path.join(folder, set));
  for (const { entry, image, name } of icons(emoji, folders)) {
    const { subcategory } = entry;
    if (!kept.has(subcategory) || drawnAs(entry).some((file) => tested.has(file))) continue;
    await write(image, 'train', subcategory, name);
  }
}

/** Names of an emoji's files, with and without a skin tone, less `.png`. */
const drawnAs = ({ image, skin_variations: tones = {} }) =>
  [image, ...Object.values(tones).map((tone) => tone.image)].map((file) => path.basename(file, '.png'));

const code = (points) =>
  points
    .toLowerCase()
    .split('-')
    .filter((point) => point !== 'fe0f')
    .join('-');

const hyphened = (name) =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z0-9 -]+/g, '')
    .replaceAll(' ', '-');

function recolored(drawing, random) {
  const [r, g, b] = random() < 0.4 ? [0, 0, 0] : [256, 256, 256].map((count) => Math.floor(random() * count));
  const image = sharp(drawing);
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
