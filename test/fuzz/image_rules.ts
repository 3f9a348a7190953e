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
      (start.length === 12 && start.startsWith('RIFF') && start.endsWith('WEBP'));
    return { kind: isImage ? 'image' : 'other', bytes };
  } catch {
    return { kind: 'fault' };
  }
}

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
  const foldersOf = (place: string): string[] =>
    namesOf(place).filter((name) => {
      const { kind } = lookAt(path.join(place, name));
      if (kind === 'fault') faults.push(path.join(place, name));
      if (kind !== 'folder') return false;
      // A link to this folder or to one around it is no class.
      return !`${fs.realpathSync(place)}/`.startsWith(`${fs.realpathSync(path.join(place, name))}/`);
    });
  const imagesOf = (place: string, minimum: number): { readonly label: number; readonly bytes: Buffer }[] => {
    const classes = foldersOf(place);
    if (classes.length < 2) faults.push(place);
    return classes.flatMap((name, label) => {
      const images: { readonly label: number; readonly bytes: Buffer }[] = [];
      for (const each of namesOf(path.join(place, name))) {
        const file = path.join(place, name, each);
        const found = lookAt(file);
        if (found.kind === 'image') images.push({ label, bytes: found.bytes });
        else if (found.kind === 'fault' || /\.(jpe?g|png|webp)$/i.test(each)) faults.push(file);
        if (found.kind === 'image') sources.set(found.bytes, file);
      }
      if (images.length < minimum) faults.push(path.join(place, name));
      return images;
    });
  };
  const sources = new Map<Buffer, string>();
  const folders = foldersOf(folder);
  const part = (...names: readonly string[]): string | undefined => {
    const found = folders.filter((name) => names.includes(name.toLowerCase()));
    if (found.length > 1) faults.push(folder);
    return found[0];
  };
  const [trainName, testName] = [part('train', 'training'), part('test', 'testing')];
  const valName = part('val', 'valid', 'validation');
  if (trainName === undefined && testName !== undefined && valName !== undefined) faults.push(folder);
  const held = testName ?? valName;
  const isDivided = trainName !== undefined && held !== undefined;
  const place = isDivided ? path.join(folder, trainName) : folder;
  const classNames = foldersOf(place);
  const train = imagesOf(place, isDivided ? 1 : 2);
  const test = isDivided ? imagesOf(path.join(folder, held), 1) : undefined;
  if (isDivided && JSON.stringify(foldersOf(path.join(folder, held))) !== JSON.stringify(classNames)) {
    faults.push(path.join(folder, held));
  }

  const isGrey = await areGrey(sources, faults);
  const decode = async (images: readonly { readonly label: number; readonly bytes: Buffer }[]): Promise<string[]> => {
    const entries: string[] = [];
    for (const { label, bytes } of images) {
      const pixels = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
        .autoOrient()
        .flatten()
        .resize(size, size, { fit: 'fill' })
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
