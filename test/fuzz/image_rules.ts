/**
 * The documented rules of `loadImageFolder()`, implemented a second time: the expected images of a folder, or the
 * reasons to reject it. Independent of `src/training/image_listing.ts`; finds all faults instead of the first, and
 * decodes bytes with sharp directly.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** Expected result of loading a folder. */
export interface Expected {
  /** Files and folders of which an error must name one; none if the folder must load. */
  readonly faults: readonly string[];
  readonly classNames: readonly string[];
  /** Class and pixels of each image, sorted. */
  readonly train: readonly string[];
  /** Absent if the folder has no split. */
  readonly test: readonly string[] | undefined;
}

/** An image as its class and a digest of its pixels. */
export function entry(label: number, pixels: Uint8Array): string {
  return `${label}:${createHash('sha1').update(pixels).digest('hex').slice(0, 12)}`;
}

const IGNORED = ['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir'];
const MAX_PIXELS = 8192 ** 2;

type Place = { readonly kind: 'folder' | 'special' | 'fault' } | { readonly kind: 'image' | 'other'; bytes: Buffer };

function lookAt(place: string): Place {
  try {
    const stat = fs.statSync(place);
    if (stat.isDirectory()) return { kind: 'folder' };
    if (!stat.isFile()) return { kind: 'special' };
    const bytes = fs.readFileSync(place);
    const start = bytes.subarray(0, 12).toString('latin1');
    const isImage =
      start.startsWith('\xff\xd8\xff') ||
      start.startsWith('\x89PNG\r\n\x1a\n') ||
      (start.length === 12 && start.startsWith('RIFF') && start.endsWith('WEBP')) ||
      start.startsWith('GIF87a') ||
      start.startsWith('GIF89a') ||
      start.startsWith('ftypavif', 4) ||
      start.startsWith('ftypavis', 4) ||
      ['II*\0', 'II+\0', 'MM\0*', 'MM\0+'].some((magic) => start.startsWith(magic));
    return { kind: isImage ? 'image' : 'other', bytes };
  } catch {
    return { kind: 'fault' };
  }
}

interface Labelled {
  readonly label: number;
  readonly bytes: Buffer;
}

const NAMED_AS_IMAGE = /\.(jpe?g|png|webp|gif|avif|tiff?|svg)$/i;

/** Tests whether all images are grey, and adds those without readable metadata to the faults. */
async function areGrey(sources: ReadonlyMap<Buffer, string>, faults: string[]): Promise<boolean> {
  let isGrey = true;
  for (const [bytes, file] of sources) {
    const space = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
      .metadata()
      .catch(() => undefined);
    if (!space) faults.push(file);
    isGrey &&= space?.space === 'b-w' || space?.space === 'grey16';
  }
  return isGrey;
}

/** The folders of a divided data set; undefined if it is not divided. */
function partsOf(
  folders: readonly string[],
  top: string,
  faults: string[],
): { readonly train: string; readonly held: string } | undefined {
  const part = (...names: readonly string[]): string | undefined => {
    const found = folders.filter((name) => names.includes(name.toLowerCase()));
    if (found.length > 1) faults.push(top);
    return found[0];
  };
  const [train, test, val] = [part('train', 'training'), part('test', 'testing'), part('val', 'valid', 'validation')];
  if (train === undefined && test !== undefined && val !== undefined) faults.push(top);
  const held = test ?? val;
  return train === undefined || held === undefined ? undefined : { train, held };
}

/** Returns the expected result at an image size. */
export async function expectedOf(folder: string, size: number): Promise<Expected> {
  const faults: string[] = [];
  const namesOf = (place: string): string[] => {
    try {
      return fs
        .readdirSync(place)
        .filter((name) => !name.startsWith('.') && !IGNORED.includes(name.toLowerCase()))
        .sort();
    } catch {
      faults.push(place);
      return [];
    }
  };
  /** True for a link to one of the folders on the way to it, or to one around them. */
  const leadsBack = (way: readonly string[], place: string): boolean =>
    way.some((each) => `${fs.realpathSync(each)}/`.startsWith(`${fs.realpathSync(place)}/`));
  const foldersOf = (way: readonly string[]): string[] => {
    const place = way.at(-1)!;
    return namesOf(place).filter((name) => {
      const { kind } = lookAt(path.join(place, name));
      if (kind === 'fault') faults.push(path.join(place, name));
      return kind === 'folder' && !leadsBack(way, path.join(place, name));
    });
  };
  const sources = new Map<Buffer, string>();
  const inside = (way: readonly string[], label: number): Labelled[] => {
    const place = way.at(-1)!;
    return namesOf(place).flatMap((name) => {
      const file = path.join(place, name);
      const found = lookAt(file);
      if (found.kind === 'folder') return leadsBack(way, file) ? [] : inside([...way, file], label);
      if (found.kind === 'fault' || (found.kind !== 'image' && NAMED_AS_IMAGE.test(name))) faults.push(file);
      if (found.kind !== 'image') return [];
      sources.set(found.bytes, file);
      return [{ label, bytes: found.bytes }];
    });
  };
  const imagesOf = (way: readonly string[], minimum: number): Labelled[] => {
    const place = way.at(-1)!;
    const classes = foldersOf(way);
    if (classes.length < 2) faults.push(place);
    return classes.flatMap((name, label) => {
      const images = inside([...way, path.join(place, name)], label);
      if (images.length < minimum) faults.push(path.join(place, name));
      return images;
    });
  };
  let way: readonly string[] = [folder];
  const [only, ...others] = foldersOf(way);
  const inner = [folder, path.join(folder, only ?? '')];
  if (only !== undefined && others.length === 0 && foldersOf(inner).length > 1) way = inner;
  const top = way.at(-1)!;
  const folders = foldersOf(way);
  const parts = partsOf(folders, top, faults);
  const trainWay = parts ? [...way, path.join(top, parts.train)] : way;
  const classNames = foldersOf(trainWay);
  const train = imagesOf(trainWay, parts ? 1 : 2);
  const testWay = parts && [...way, path.join(top, parts.held)];
  const test = testWay && imagesOf(testWay, 1);
  if (testWay && JSON.stringify(foldersOf(testWay)) !== JSON.stringify(classNames)) faults.push(testWay.at(-1)!);

  const isGrey = await areGrey(sources, faults);
  const decode = async (images: readonly Labelled[]): Promise<string[]> => {
    const entries: string[] = [];
    for (const { label, bytes } of images) {
      const pixels = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
        .autoOrient()
        .flatten({ background: '#fff' })
        .resize(size, size, { fit: 'cover' })
        .toColourspace(isGrey ? 'b-w' : 'srgb')
        .raw()
        .toBuffer()
        .catch(() => undefined);
      if (pixels) entries.push(entry(label, pixels));
      else faults.push(sources.get(bytes)!);
    }
    return entries.sort();
  };
  return { classNames, train: await decode(train), test: test && (await decode(test)), faults };
}
