/** Images in tar and zip archives, and in lists. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import sharp from 'sharp';
import { CorruptFileError } from '../../src/errors.js';
import { loadImageFolder } from '../../src/training/image_folder.js';
import { indicesOf, readImages, type SplitImages } from '../../src/training/image_source.js';
import { loadImages } from '../../src/training/load_images.js';
import { writeImageFolder } from './support/image_files.js';
import { temporaryFolder } from './support/temporary_folder.js';

const inFolder = temporaryFolder();
const CLASSES = { blue: [10, 20, 200], red: [220, 30, 10] } as const;

let lines: string[] = [];
const load = (name: string): ReturnType<typeof loadImages> => {
  lines = [];
  return loadImages(inFolder(name), { size: 8, cache: 'none', onLeftOut: (line) => lines.push(line) });
};

/** Pixels and labels of both parts. */
async function contentsOf({ train, test: held }: SplitImages): Promise<object[]> {
  return Promise.all(
    [train, held].map(async (part) => {
      const { images, labels } = await readImages(part, indicesOf(part)); // prettier-ignore
      return { images: [...images], labels: [...labels], classNames: part.classNames };
    }),
  );
}

/** Files below a folder, with slashes. */
function filesOf(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort();
}

function zip(name: string, level: 0 | 6, more: Readonly<Record<string, Uint8Array>> = {}): void {
  const files = filesOf(inFolder('photos')).map((file) => [
    `photos/${file}`,
    fs.readFileSync(inFolder('photos', file)),
  ]);
  fs.writeFileSync(
    inFolder(name),
    zipSync({ ...(Object.fromEntries(files) as Record<string, Buffer>), ...more }, { level }),
  );
}

let wanted: object[];

beforeAll(async () => {
  await writeImageFolder(inFolder('photos'), CLASSES, 4);
  wanted = await contentsOf(await loadImageFolder(inFolder('photos'), { size: 8 }));
});

describe('loadImages() of an archive', () => {
  test.each(['ustar', 'gnu', 'pax'])('reads a tar file in the format %s', async (format) => {
    // Longer than the name field of ustar, and than a name and its prefix together.
    const long = format === 'ustar' ? 'n'.repeat(99) : 'n'.repeat(200);
    fs.cpSync(inFolder('photos'), inFolder(format, 'p'.repeat(90)), { recursive: true });
    const folder = inFolder(format, 'p'.repeat(90), 'red');
    fs.renameSync(`${folder}/0.png`, `${folder}/0${long}`);
    execFileSync('tar', [`--format=${format}`, '-cf', inFolder(`${format}.tar`), '-C', inFolder(format), '.']);
    expect(await contentsOf(await load(`${format}.tar`))).toEqual(wanted);
    expect(lines).toEqual([]);
  });

  test.each([0, 6] as const)('reads a zip file with compression %d', async (level) => {
    const junk = { '__MACOSX/photos/red/._0.png': strToU8('x'), 'photos/.DS_Store': strToU8('x') };
    zip(`level${level}.zip`, level, { ...junk, 'photos/red/notes.txt': strToU8('x') });
    expect(await contentsOf(await load(`level${level}.zip`))).toEqual(wanted);
    expect(lines).toEqual([
      `skipped in '${inFolder(`level${level}.zip`)}': 1 file in another format (photos/red/notes.txt)`,
    ]);
  });

  test('reads a zip file with the fields for large archives', async () => {
    execFileSync('python3', [
      '-c',
      'import os,sys,zipfile\nz=zipfile.ZipFile(sys.argv[2],"w")\nfor d,_,fs in os.walk(sys.argv[1]):\n  for f in fs:\n    p=os.path.join(d,f)\n    with z.open(os.path.relpath(p,sys.argv[1]),"w",force_zip64=True) as o: o.write(open(p,"rb").read())\nz.close()',
      inFolder('photos'),
      inFolder('large.zip'),
    ]);
    expect(await contentsOf(await load('large.zip'))).toEqual(wanted);
  });

  test('reads a tar file in the form of WebDataset', async () => {
    const folder = inFolder('samples');
    fs.mkdirSync(folder);
    Object.keys(CLASSES).forEach((name, label) => {
      for (const file of fs.readdirSync(inFolder('photos', name))) {
        const key = `${label}${path.parse(file).name}`;
        fs.copyFileSync(inFolder('photos', name, file), `${folder}/${key}.x${path.extname(file)}`);
        fs.writeFileSync(`${folder}/${key}.cls`, `${label}\n`);
      }
    });
    fs.writeFileSync(`${folder}/00.json`, '{}');
    const tar = (): unknown =>
      execFileSync('tar', ['-cf', inFolder('samples.tar'), '-C', folder, ...fs.readdirSync(folder).sort()]);
    tar();
    const names = ['0', '1'];
    expect(await contentsOf(await load('samples.tar'))).toEqual(wanted.map((part) => ({ ...part, classNames: names })));
    expect(lines).toEqual([`skipped in '${inFolder('samples.tar')}': 1 file in another format (00.json)`]);
    fs.rmSync(`${folder}/01.cls`);
    tar();
    await expect(load('samples.tar')).rejects.toThrow("every image must have a label (.cls), received file = '");
  });

  test('names a broken image in an archive', async () => {
    const bytes = fs.readFileSync(inFolder('photos/red/0.png'));
    zip('broken.zip', 6, { 'photos/red/x.png': bytes.subarray(0, 60) });
    await expect(load('broken.zip')).rejects.toThrow(
      `complete and readable, received file = '${inFolder('broken.zip')}/photos/red/x.png'`,
    );
  });

  test('gives the reason for members that cannot be read', async () => {
    const python = (script: string, file: string): void => {
      const args = ['-c', `import os,sys,zipfile,tarfile\n${script}`, inFolder('photos'), inFolder(file)];
      execFileSync('python3', args);
    };
    const each =
      'for d,_,fs in os.walk(sys.argv[1]):\n  for f in fs:\n    p=os.path.join(d,f); n=os.path.relpath(p,sys.argv[1])\n';
    python(`z=zipfile.ZipFile(sys.argv[2],"w",zipfile.ZIP_LZMA)\n${each}    z.write(p,n)\nz.close()`, 'lzma.zip');
    const images = 'every image must be a jpg, png, webp, gif, avif, tiff or svg';
    await expect(load('lzma.zip')).rejects.toThrow(
      `${images} (it is compressed by another method than deflate): blue/0.png, blue/1.jpg`,
    );
    python(
      `t=tarfile.open(sys.argv[2],"w")\n${each}    t.add(p,n)\n` +
        'm=tarfile.TarInfo("red/l.png"); m.type=tarfile.SYMTYPE; m.linkname="0.png"; t.addfile(m)\nt.close()',
      'link.tar',
    );
    await expect(load('link.tar')).rejects.toThrow(`${images} (it is a link), received file = '`);
    // The bit of encryption in the local header and in the directory.
    zip('open.zip', 0);
    const bytes = fs.readFileSync(inFolder('open.zip'));
    for (const [signature, flags] of [
      ['PK\u0003\u0004', 6],
      ['PK\u0001\u0002', 8],
    ] as const) {
      for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) bytes[at + flags]! |= 1;
    }
    fs.writeFileSync(inFolder('locked.zip'), bytes);
    await expect(load('locked.zip')).rejects.toThrow(`${images} (it is encrypted): photos/blue/0.png, `);
  });

  test('finds a changed bit in a zip file by its checksum', async () => {
    // Pixels without compression: no decoder would notice.
    const raw = { width: 16, height: 16, channels: 3 } as const;
    const tiff = await sharp(Buffer.alloc(768, 90), { raw }).tiff({ compression: 'none' }).toBuffer();
    zip('flipped.zip', 0, { 'photos/red/x.tif': tiff });
    await load('flipped.zip');
    const bytes = fs.readFileSync(inFolder('flipped.zip'));
    bytes[bytes.indexOf(Buffer.alloc(64, 90))]! ^= 4;
    fs.writeFileSync(inFolder('flipped.zip'), bytes);
    const file = `${inFolder('flipped.zip')}/photos/red/x.tif`;
    await expect(load('flipped.zip')).rejects.toThrow(
      `the archive must be undamaged (this member is not), received file = '${file}'`,
    );
  });

  test('refuses files that are cut, damaged, compressed or something else, naming them', async () => {
    zip('good.zip', 6);
    execFileSync('tar', ['-cf', inFolder('good.tar'), '-C', inFolder('photos'), '.']);
    for (const type of ['zip', 'tar'] as const) {
      const good = fs.readFileSync(inFolder(`good.${type}`));
      const refused = async (bytes: Uint8Array, rule: string): Promise<void> => {
        const file = inFolder(`bad.${type}`);
        fs.writeFileSync(file, bytes);
        const failure = loadImages(file, { size: 8 });
        await expect(failure).rejects.toThrow(CorruptFileError);
        await expect(failure).rejects.toThrow(rule);
        await expect(failure).rejects.toThrow(`received file = '${file}`);
      };
      await refused(good.subarray(0, type === 'zip' ? good.length >> 1 : 3000), 'the file must be');
      await refused(Buffer.from('no archive at all'), 'the file must be');
      if (type === 'zip') {
        const end = good.length - 22;
        const forged = (offset: number, value: number): Buffer => {
          const bytes = Buffer.from(good);
          bytes.writeUInt32LE(value, end + offset);
          return bytes;
        };
        await refused(forged(12, 0xffff_fff0), 'complete, undamaged zip');
        await refused(forged(16, good.length - 10), 'complete, undamaged zip');
      } else {
        const length = Buffer.from(good);
        // 8 GB in the first member, with a checksum that fits.
        length.write('77777777777\0', 124, 'latin1');
        let sum = 0;
        for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : length[at]!;
        length.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
        await refused(length, 'it ends within a member');
        await refused(Buffer.concat([Buffer.from([0x1f, 0x8b]), good]), 'must not be compressed');
      }
    }
    for (const name of ['photos.tar.gz', 'photos.tgz']) {
      fs.writeFileSync(inFolder(name), gzipSync(Buffer.alloc(512)));
      await expect(load(name)).rejects.toThrow('must not be compressed (gunzip it first)');
    }
    fs.writeFileSync(inFolder('photos.rar'), 'x');
    await expect(load('photos.rar')).rejects.toThrow('it must be a folder, or a file named .tar, .zip, .csv or .json');
  });
});

describe('loadImages() of a list', () => {
  const files = (): (readonly [file: string, label: string])[] =>
    filesOf(inFolder('photos')).map((file) => [`photos/${file}`, file.split('/')[0]!]);

  test('reads CSV, with quotes and a byte order mark, and JSON in both forms', async () => {
    const rows = files().map(([file, label], index) => (index % 2 ? `${label},"${file}"` : `"${label}",${file},,`));
    fs.writeFileSync(inFolder('list.csv'), `\ufefflabel,file\r\n${rows.join('\r\n')}\r\n\r\n`);
    fs.writeFileSync(inFolder('list.json'), JSON.stringify(files().map(([file, label]) => ({ file, label }))));
    fs.writeFileSync(inFolder('map.json'), JSON.stringify(Object.fromEntries(files())));
    for (const name of ['list.csv', 'list.json', 'map.json']) {
      expect(await contentsOf(await load(name))).toEqual(wanted);
    }
  });

  test('obeys its column of parts, and sorts numbers by their values', async () => {
    const parts = ['train', 'Training', 'val', 'test'];
    const rows = files().map(([file, label], index) => `${file},${label === 'red' ? 2 : 10},${parts[index % 4]!}`);
    fs.writeFileSync(inFolder('parts.csv'), `file,label,split\n${rows.join('\n')}`);
    const { train, test: held } = await load('parts.csv');
    expect([train.labels.length, held.labels.length, train.classNames]).toEqual([4, 2, ['2', '10']]);
    expect(lines).toEqual([
      expect.stringMatching(/: 2 files for validation \(photos.blue.2.webp, photos.red.2.webp\)$/),
    ]);
  });

  test('reads several labels in every form', async () => {
    // Labels of the files in order, in three classes; 'blue' files come first.
    const sets = [['a'], ['a', 'c'], ['b'], [], ['c', 'b'], ['a', 'b', 'c'], ['c'], ['b', 'a']];
    const rows = files().map(([file], index) => ({ file, labels: sets[index % sets.length]! }));
    const split = (index: number): string => (index % 2 === 0 ? 'train' : 'test');
    const csv = (header: string, format: (labels: readonly string[]) => string): string =>
      [header, ...rows.map(({ file, labels }, index) => `${file},${split(index)},${format(labels)}`)].join('\n');
    const columns = (labels: readonly string[]): string =>
      ['a', 'b', 'c'].map((name) => Number(labels.includes(name))).join();
    fs.writeFileSync(
      inFolder('m1.csv'),
      csv('file,split,labels', (labels) => labels.join('; ')),
    );
    fs.writeFileSync(
      inFolder('m2.csv'),
      csv('File,Split,labels', (labels) => labels.join('|')),
    );
    fs.writeFileSync(inFolder('m3.csv'), csv('file,split,a,b,c', columns));
    fs.writeFileSync(inFolder('m4.json'), JSON.stringify(rows.map((row, index) => ({ ...row, split: split(index) }))));
    for (const name of ['m1.csv', 'm2.csv', 'm3.csv', 'm4.json']) {
      const parts = await load(name);
      expect(parts.train.classNames).toEqual(['a', 'b', 'c']);
      const both = [parts.train, parts.test].flatMap(({ multiHot }) =>
        Array.from({ length: multiHot!.length / 3 }, (_, at) => multiHot!.slice(3 * at, 3 * at + 3).join()),
      );
      expect(both.sort()).toEqual(rows.map(({ labels }) => columns(labels)).sort());
      const held = await readImages(parts.test, indicesOf(parts.test));
      expect(held.multiHot).toEqual(parts.test.multiHot);
    }
    const some = rows.filter(({ labels }) => labels.length > 0);
    fs.writeFileSync(
      inFolder('m5.csv'),
      ['file,label', ...some.map(({ file, labels }) => `${file},${labels.join(';')}`)].join('\n'),
    );
    fs.writeFileSync(
      inFolder('m6.json'),
      JSON.stringify(Object.fromEntries(rows.map(({ file, labels }) => [file, labels]))),
    );
    for (const [name, count] of [
      ['m5.csv', some.length],
      ['m6.json', rows.length],
    ] as const) {
      const { train, test: held } = await load(name);
      expect(train.labels.length + held.labels.length).toBe(count);
      expect(held.multiHot!.length).toBe(3 * held.labels.length);
    }
  });

  test('lists all files that are missing or no images', async () => {
    const rows = [...files(), ['photos/gone.png', 'red'], ['list.csv', 'red']].map((row) => row.join());
    fs.writeFileSync(inFolder('bad.csv'), `file,label\n${rows.join('\n')}`);
    await expect(load('bad.csv')).rejects.toThrow(
      'but 2 are (skipBroken, --skip-broken pass over them): every file of the list must exist (paths start at the folder of the list): photos/gone.png; every image must be a jpg, png, webp, gif, avif, tiff or svg (it is none of these): list.csv',
    );
    const data = await loadImages(inFolder('bad.csv'), { size: 8, skipBroken: true, onLeftOut: () => undefined });
    expect(await contentsOf(data)).toEqual(wanted);
  });

  test('names a single file that is missing, not its folder', async () => {
    const rows = [...files(), ['photos/gone.png', 'red']].map((row) => row.join());
    fs.writeFileSync(inFolder('gone.csv'), `file,label\n${rows.join('\n')}`);
    const rule = 'every file of the list must exist (paths start at the folder of the list)';
    await expect(load('gone.csv')).rejects.toThrow(`${rule}, received file = '${inFolder('photos/gone.png')}'`);
  });

  test.each(['blue', 'red'])('refuses a file that is listed twice, the second time as %s', async (label) => {
    const [[first] = ['']] = files();
    const rows = [...files(), [`./photos/../${first}`, label]].map((row) => row.join());
    fs.writeFileSync(inFolder('twice.csv'), `file,label\n${rows.join('\n')}`);
    const rule = `entry ${rows.length}: each file may be listed only once, and entry 1 has './photos/../${first}' already`;
    await expect(load('twice.csv')).rejects.toThrow(rule);
  });

  test.each([
    ['a.csv', 'image,class\nx,y', 'must name the columns file and label, or file and classes'],
    ['b.csv', 'file,label\n"x,y', 'a quote is not closed'],
    ['c.csv', 'file,label\nx', 'entry 1: label must be the name or the number of a class'],
    ['d.csv', 'file,label,split\nx,y,holdout', 'entry 1: split must be train, test or validation'],
    ['e.json', '[{"file": "x", "label": ["a", "a"]}]', 'entry 1: a label may be given only once'],
    ['i.json', '[{"file": "x", "labels": ["a", null]}]', 'entry 1: label must be the name or the number of a class'],
    ['j.csv', 'file,cat,dog\nx,0,yes', "entry 1: without a column label, 'dog' is a class and must be 0 or 1"],
    ['k.csv', 'file,cat,cat\nx,0,1', 'each class may have only one column'],
    ['l.csv', 'file,split\nx,train', 'must name the columns file and label'],
    ['f.json', '{"file"', 'it is not JSON'],
    ['g.json', '[1]', 'each entry must be an object'],
    ['h.json', '5', 'it is neither an array nor an object'],
  ])('refuses %s: %j', async (name, text, rule) => {
    fs.writeFileSync(inFolder(name), text);
    await expect(load(name)).rejects.toThrow(CorruptFileError);
    await expect(load(name)).rejects.toThrow(rule);
  });
});
