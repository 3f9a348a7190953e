/**
 * Lists of images: CSV with a header and the columns `file`, `label` and perhaps `split`, or JSON with an array of objects with
 * these fields or with an object of labels by file. Files are relative to the folder of the list.
 *
 * Format of CSV: RFC 4180, with lines that end in CR LF or LF.
 */
import path from 'node:path';
import { CorruptFileError } from '../errors.js';
import { FileAccessError } from '../support/file_error.js';
import { readRegularFile } from '../support/regular_file.js';
import { BrokenImages } from './broken_images.js';
import { checkImage } from './image_kind.js';
import type { ImageListing } from './image_listing.js';
import { partOf, sortRecords, type ImageRecord } from './image_records.js';
import { SkippedFiles } from './skipped_files.js';

const ACTION = 'load the images';
/** Most bytes of a list: millions of lines. */
const MAX_BYTES = 2 ** 28;
const FORM = 'the list must be CSV or JSON with file and label (and perhaps split) of each image';

/** One line of a list. */
interface Row {
  readonly file: unknown;
  readonly label: unknown;
  readonly split?: unknown;
}

/** Tests for the name of a list of images. */
export function isListName(file: string): boolean {
  return /\.(csv|json)$/i.test(file);
}

/**
 * Reads a list of images.
 *
 * @throws CorruptFileError if it is not in one of the formats
 */
export async function readImageList(file: string): Promise<ImageListing> {
  const fail = (problem: string): never => {
    throw new CorruptFileError(ACTION, `${FORM} (${problem})`, file);
  };
  const text = (await readRegularFile(ACTION, file, MAX_BYTES)).toString('utf8').replace(/^\ufeff/, '');
  const rows = /\.json$/i.test(file) ? jsonRows(text, fail) : csvRows(text, fail);
  const broken = new BrokenImages(ACTION, path.dirname(file));
  const records: ImageRecord[] = [];
  for (const [index, row] of rows.entries()) {
    const record = readRow(row, path.dirname(file), (problem) => fail(`entry ${index + 1}: ${problem}`));
    try {
      await checkImage(ACTION, record.name);
      records.push(record);
    } catch (error) {
      if (!(error instanceof CorruptFileError || error instanceof FileAccessError)) throw error;
      broken.add(record.name, error);
    }
  }
  return sortRecords(file, records, new SkippedFiles(path.dirname(file)), broken);
}

function readRow({ file, label, split }: Row, folder: string, fail: (problem: string) => never): ImageRecord {
  if (typeof file !== 'string' || file === '') return fail('file must be a path');
  if (Array.isArray(label)) return fail('an image may have only one label');
  const name = typeof label === 'number' ? String(label) : label;
  if (typeof name !== 'string' || name === '') return fail('label must be the name or the number of a class');
  const place = path.resolve(folder, file);
  const record = { name: place, location: { path: place }, label: name };
  if (split === undefined || split === '') return record;
  const part = typeof split === 'string' ? partOf(split) : undefined;
  return part === undefined ? fail('split must be train, test or validation') : { ...record, part };
}

function jsonRows(text: string, fail: (problem: string) => never): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
  if (Array.isArray(value)) {
    const isObject = (row: unknown): row is Row => typeof row === 'object' && row !== null;
    return value.every(isObject) ? value : fail('each entry must be an object');
  }
  if (typeof value !== 'object' || value === null) return fail('it is neither an array nor an object');
  return Object.entries(value).map(([file, label]: [string, unknown]) => ({ file, label }));
}

function csvRows(text: string, fail: (problem: string) => never): Row[] {
  const [header = [], ...lines] = parseCsv(text) ?? fail('a quote is not closed');
  const columns = header.map((name) => name.trim().toLowerCase());
  const [file, label, split] = ['file', 'label', 'split'].map((name) => columns.indexOf(name)) as [
    number,
    number,
    number,
  ];
  if (file < 0 || label < 0) return fail('the first line must name the columns file and label');
  return lines.map((line) => ({ file: line[file]?.trim(), label: line[label]?.trim(), split: line[split]?.trim() }));
}

/** Splits CSV into lines of fields, without empty lines; undefined if a quote is not closed. */
function parseCsv(text: string): string[][] | undefined {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const lines: string[][] = [];
  let line: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) return undefined;
    line.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] !== ',') {
      if (line.length > 1 || line[0] !== '') lines.push(line);
      line = [];
    }
  }
  if (line.length > 0) lines.push([...line, '']);
  return lines;
}
