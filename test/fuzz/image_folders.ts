/**
 * Folders of images by class, with the damage of disks, archives and operating systems: names, links, pipes, empty and
 * nested folders, damaged files. The result is compared with the rules in `image_rules.ts`, and no path outside the
 * folder may be accessed.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { SplitDataset } from '../../src/training/dataset.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { writeImageFolder } from '../training/support/image_files.js';
import type { Random } from '../support/random.js';
import { entry, expectedOf, type Expected } from './image_rules.js';
import { BrokenRule, pick, Refused, type Prepare } from './kind.js';
import { mutateBytes } from './mutations.js';

const SIZE = 8;
const COLOURS = { blue: [10, 20, 200], red: [220, 30, 10] } as const;
const GREYS = { dark: [40], light: [230] } as const;

/** Names that files and folders can have. */
const NAMES = [
  '._0.png',
  '.hidden',
  '.DS_Store',
  '__MACOSX',
  '__macosx',
  'Thumbs.db',
  'desktop.ini',
  '@eaDir',
  'x.png',
  'x.JPEG',
  'x.webp',
  'without',
  'x.txt',
  'x.png.',
  ' ',
  '-rf',
  '%s%n',
  "it's",
  'a\nb.png',
  'a\u2028b',
  'a\u001b[31mb.jpg',
  'x.png[page=0]',
  'x[1]',
  '0.png[access=random]',
  '__proto__',
  'constructor',
  'caf\u00e9.png',
  'cafe\u0301.png',
  '\u202egnp.x',
  '\u732b',
  '\u{1f408}.webp',
  '\ufffd.png',
  'x'.repeat(251) + '.png',
  'train',
  'Training',
  'test',
  'TESTING',
  'val',
  'valid',
  'validation',
] as const;

/** A name that is not UTF-8. */
const BYTES_NAME = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x2e, 0x70, 0x6e, 0x67]);

/** One kind for the fuzzer: a folder with two classes, divided or not, in colour or grey. */
export const imageFolder: Prepare = async (folder) => {
  const outside = path.join(folder, 'outside');
  await writeImageFolder(outside, { green: [10, 200, 30] }, 3);
  fs.writeFileSync(path.join(outside, 'secret.txt'), 'not for you');
  fs.rmSync(path.join(outside, 'pipe'), { force: true });
  execFileSync('mkfifo', [path.join(outside, 'pipe')]);
  const bases: { readonly place: string; readonly want: string }[] = [];
  for (const [name, classes, parts] of [
    ['colour', COLOURS, ['']],
    ['grey', GREYS, ['']],
    ['divided', COLOURS, ['train', 'test']],
    ['three', COLOURS, ['Train', 'valid', 'test']],
  ] as const) {
    const place = path.join(folder, 'bases', name);
    for (const part of parts) await writeImageFolder(path.join(place, part), classes, 3);
    bases.push({ place, want: describe(await expectedOf(place, SIZE)) });
  }
  const images = path.join(folder, 'images');
  fs.cpSync(bases[0]!.place, images, { recursive: true });
  return {
    damage: (random) => {
      unlock(images);
      fs.rmSync(images, { recursive: true, force: true });
      const base = pick(random, bases);
      fs.cpSync(base.place, images, { recursive: true });
      for (let count = random.integer(1, 3); count > 0; count--) damageOnce(images, outside, random);
      return { bytes: sizeOf(images), want: base.want };
    },
    load: () => loadAndCompare(images),
    isPromised: false,
  };
};

function describe({ classNames, train, test }: Omit<Expected, 'faults'>): string {
  return JSON.stringify({ classNames, train, test });
}

async function loadAndCompare(folder: string): Promise<string> {
  const expected = await expectedOf(folder, SIZE);
  const [lines, asked]: [string[], string[]] = [[], []];
  const stopRecording = recordPaths(asked);
  let data: SplitDataset | Error;
  try {
    data = await loadImageFolder(folder, { size: SIZE, onLeftOut: (line) => lines.push(line) });
  } catch (error) {
    data = error as Error;
  } finally {
    stopRecording();
  }
  const foreign = asked.find((place) => path.relative(folder, place).startsWith('..'));
  if (foreign !== undefined) throw new BrokenRule(`reads ${foreign}`);
  if (data instanceof Error) return refuse(data, expected, folder);
  if (expected.faults.length > 0) throw new BrokenRule(`loads in spite of ${expected.faults.join()}`);
  if (lines.length > 1 || lines.some((line) => /\p{Cc}|[\u2028\u2029]/u.test(line))) {
    throw new BrokenRule(`says on more than one line what is left out: ${JSON.stringify(lines)}`);
  }
  const parts = [data.train, data.test].map(({ images, labels }) => {
    const length = images.length / labels.length;
    return [...labels].map((label, index) =>
      entry(label, images.slice(index * length, (index + 1) * length) as Uint8Array),
    );
  });
  const isDivided = expected.test !== undefined;
  if (
    !isDivided &&
    parts.some((part) => new Set(part.map((one) => one.split(':')[0])).size < data.train.classNames.length)
  ) {
    throw new BrokenRule('leaves out a class of the division');
  }
  const got = describe({
    classNames: data.train.classNames,
    train: (isDivided ? parts[0]! : parts.flat()).sort(),
    test: isDivided ? parts[1]!.sort() : undefined,
  });
  if (got !== describe(expected)) throw new BrokenRule(`loads ${got} instead of ${describe(expected)}`);
  return got;
}

/** Length up to which errors quote a path in full. */
const NAMED = 190;

function refuse({ message, stack }: Error, { faults }: Expected, folder: string): never {
  const named = faults
    .flatMap((fault) => [fault, path.relative(folder, fault)])
    .filter((name) => name !== '')
    .map((name) => name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').slice(0, NAMED));
  if (!message.startsWith('Cannot load the images: ') || !message.includes(', received ')) {
    throw new BrokenRule(`is refused without a rule: ${stack ?? ''}`);
  }
  if (/\p{Cc}|[\u2028\u2029]/u.test(message) || message.length > 900) {
    throw new BrokenRule(`is refused on more than one line: ${JSON.stringify(message)}`);
  }
  if (!named.some((place) => message.includes(place))) {
    throw new BrokenRule(`is refused by ${message} instead of for ${faults.join()} in ${folder}`);
  }
  throw new Refused(message);
}

/** Records which paths are accessed until the returned function is called. */
function recordPaths(asked: string[]): () => void {
  const names = ['open', 'stat', 'lstat', 'readdir', 'readFile', 'readlink', 'realpath', 'opendir', 'access'] as const;
  const all = fs.promises as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = names.map((name) => [name, all[name]!] as const);
  for (const [name, original] of originals) {
    all[name] = (...args) => {
      asked.push(path.resolve(String(args[0])));
      return original.apply(fs.promises, args);
    };
  }
  return () => {
    for (const [name, original] of originals) all[name] = original;
  };
}

/** Lists the entries of a folder, as far as it can be read. */
function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.lstatSync(folder).isDirectory() ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  } catch {
    return [];
  }
}

/** Makes all folders removable. */
function unlock(folder: string): void {
  if (!fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  fs.chmodSync(folder, 0o700);
  for (const each of entriesOf(folder)) if (each.isDirectory()) unlock(path.join(folder, each.name));
}

/** All paths below a folder, by kind; links are not followed. */
function below(folder: string): { readonly files: string[]; readonly folders: string[] } {
  const [files, folders]: [string[], string[]] = [[], [folder]];
  for (const each of entriesOf(folder)) {
    const place = path.join(folder, each.name);
    if (each.isFile()) files.push(place);
    if (!each.isDirectory()) continue;
    const inner = below(place);
    files.push(...inner.files);
    folders.push(...inner.folders);
  }
  return { files, folders };
}

function sizeOf(folder: string): number {
  return below(folder).files.reduce((sum, file) => sum + (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function damageOnce(images: string, outside: string, random: Random): void {
  const { files, folders } = below(images);
  const folder = pick(random, folders);
  const file = files.length > 0 ? pick(random, files) : path.join(images, 'x.png');
  const beside = path.join(folder, pick(random, NAMES));
  const target = random.integer(0, 2) === 0 ? folder : random.integer(0, 1) === 0 ? file : beside;
  const kind = random.integer(0, 13);
  try {
    // Writing through a link would end outside, and writing to a pipe would wait for a reader.
    if (fs.lstatSync(beside, { throwIfNoEntry: false })?.isFile() === false) return;
    apply(kind, { images, outside, folder, file, beside, target }, random);
  } catch (error) {
    // Two kinds of damage that exclude each other: a name in a folder that no longer exists, a folder moved into
    // itself.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

interface Places {
  readonly images: string;
  readonly outside: string;
  readonly folder: string;
  readonly file: string;
  readonly beside: string;
  readonly target: string;
}

function apply(kind: number, { images, outside, folder, file, beside, target }: Places, random: Random): void {
  switch (kind) {
    case 0: {
      fs.renameSync(file, path.join(path.dirname(file), pick(random, NAMES)));
      return;
    }
    case 1: {
      fs.renameSync(folder, folder === images ? beside : path.join(path.dirname(folder), pick(random, NAMES)));
      return;
    }
    case 2: {
      fs.writeFileSync(file, mutateBytes(fs.readFileSync(file), random));
      return;
    }
    case 3: {
      fs.truncateSync(file, random.integer(0, 40));
      return;
    }
    case 4: {
      fs.writeFileSync(
        pick(random, [file, beside]),
        pick(random, ['', 'GIF89a', 'BM', 'text', '\x89PNG\r\n\x1a\n']),
        'latin1',
      );
      return;
    }
    case 5: {
      const leads = [
        file,
        folder,
        images,
        path.dirname(folder),
        target,
        'nowhere',
        '.',
        path.join(outside, 'green'),
        path.join(outside, 'green', '0.png'),
        path.join(outside, 'secret.txt'),
        path.join(outside, 'pipe'),
        '/dev/zero',
        '/dev/null',
      ];
      fs.rmSync(target, { recursive: true, force: true });
      fs.symlinkSync(pick(random, leads), target);
      return;
    }
    case 6:
      fs.rmSync(target, { recursive: true, force: true });
      {
        fs.linkSync(path.join(outside, 'pipe'), target);
        return;
      }
    case 7: {
      fs.mkdirSync(beside);
      return;
    }
    case 8: {
      fs.rmSync(target, { recursive: true, force: true });
      return;
    }
    case 9: {
      fs.cpSync(folder, beside, { recursive: true });
      return;
    }
    case 10: {
      const put = random.integer(0, 1) === 0 ? fs.copyFileSync : fs.linkSync;
      put(file, beside);
      return;
    }
    case 11: {
      fs.chmodSync(pick(random, [file, folder]), 0);
      return;
    }
    case 12: {
      const place = Buffer.concat([Buffer.from(`${folder}/`), BYTES_NAME]);
      if (random.integer(0, 2) === 0) fs.mkdirSync(place);
      else fs.copyFileSync(file, place);
      return;
    }
    default:
      for (const each of fs.readdirSync(folder)) fs.rmSync(path.join(folder, each), { recursive: true, force: true });
  }
}
