/**
 * Lists of images: CSV with a header and the columns `file`, `label` and perhaps `split`, or JSON with an array of objects with
 * these fields or with an object of labels by file. Files are relative to the folder of the list, and each is listed once, so that
 * none is both a training and a test image.
 *
 * Images may have several labels: in CSV, separated by `;` or `|`, or with a column of 0 and 1 for each class in place of
 * `label`; in JSON, as lists. In a column or field `labels`, each image may have any number of them, or none.
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
const FORM = 'the list must be CSV or JSON with file and label or labels (and perhaps split) of each image';
const SEPARATOR = /[;|]/;

/** One line of a list. */
interface Row {
  readonly file: unknown;
  /** A name or a number, or a list of them. */
  readonly label?: unknown;
  /** Any number of labels. */
  readonly labels?: unknown;
  readonly split?: unknown;
}

/** Contents of a list. */
interface List {
  readonly rows: readonly Row[];
  /** Names of all classes, if they have a column each. */
  readonly columns?: readonly string[];
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
  const { rows, columns } = /\.json$/i.test(file) ? { rows: jsonRows(text, fail) } : csvRows(text, fail);
  const broken = new BrokenImages(ACTION, path.dirname(file));
  const isSeveral = rows.some(({ label, labels }) => labels !== undefined || Array.isArray(label));
  const records: ImageRecord[] = [];
  const entries = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    const record = readRow(row, isSeveral, path.dirname(file), (problem) => fail(`entry ${index + 1}: ${problem}`));
    const earlier = entries.get(record.name);
    if (earlier !== undefined) {
      fail(
        `entry ${index + 1}: each file may be listed only once, and entry ${earlier} has '${String(row.file)}' already`,
      );
    }
    entries.set(record.name, index + 1);
    try {
      await checkImage(ACTION, record.name);
      records.push(record);
    } catch (error) {
      if (!(error instanceof CorruptFileError || error instanceof FileAccessError)) throw error;
      broken.add(record.name, isMissing(error) ? missingFile(record.name) : error);
    }
  }
  return sortRecords(file, records, new SkippedFiles(path.dirname(file)), broken, columns);
}

function isMissing(error: Error): boolean {
  return error instanceof FileAccessError && error.cause.code === 'ENOENT';
}

function missingFile(file: string): Error {
  return new CorruptFileError(
    ACTION,
    'every file of the list must exist (paths start at the folder of the list)',
    file,
  );
}

function readRow(
  { file, label, labels, split }: Row,
  isSeveral: boolean,
  folder: string,
  fail: (problem: string) => never,
): ImageRecord {
  if (typeof file !== 'string' || file === '') return fail('file must be a path');
  const place = path.resolve(folder, file);
  const names = isSeveral ? readLabels(labels ?? label, fail) : readLabel(label, fail);
  const record = { name: place, location: { path: place }, label: names };
  if (split === undefined || split === '') return record;
  const part = typeof split === 'string' ? partOf(split) : undefined;
  return part === undefined ? fail('split must be train, test or validation') : { ...record, part };
}

function readLabel(label: unknown, fail: (problem: string) => never): string {
  const name = typeof label === 'number' ? String(label) : label;
  return typeof name === 'string' && name !== '' ? name : fail('label must be the name or the number of a class');
}

/** Reads any number of labels, where another image has several. */
function readLabels(labels: unknown, fail: (problem: string) => never): string[] {
  const names = (Array.isArray(labels) ? (labels as unknown[]) : [labels]).map((label) => readLabel(label, fail));
  return new Set(names).size === names.length ? names : fail('a label may be given only once');
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

function csvRows(text: string, fail: (problem: string) => never): List {
  const [header = [], ...lines] = parseCsv(text) ?? fail('a quote is not closed');
  const columns = header.map((name) => name.trim().toLowerCase());
  const at = (name: string): number => columns.indexOf(name);
  if (at('file') < 0) return fail('the first line must name the columns file and label, or file and classes');
  const field = (line: readonly string[], name: string): string | undefined => line[at(name)]?.trim();
  const base = (line: readonly string[]): Row => ({ file: field(line, 'file'), split: field(line, 'split') });
  if (at('labels') >= 0) {
    return { rows: lines.map((line) => ({ ...base(line), labels: separated(field(line, 'labels') ?? '') })) };
  }
  if (at('label') >= 0) {
    return {
      rows: lines.map((line) => {
        const label = field(line, 'label');
        return { ...base(line), label: label !== undefined && SEPARATOR.test(label) ? separated(label) : label };
      }),
    };
  }
  return classColumns(header, lines, base, fail);
}

/** Names separated by `;` or `|`. */
function separated(text: string): string[] {
  const names = text.split(SEPARATOR).map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** Reads columns of 0 and 1, one for each class. */
function classColumns(
  header: readonly string[],
  lines: readonly (readonly string[])[],
  base: (line: readonly string[]) => Row,
  fail: (problem: string) => never,
): List {
  const all = header.map((name, index) => ({ name: name.trim(), index }));
  const classes = all.filter(({ name }) => name !== '' && !['file', 'split'].includes(name.toLowerCase()));
  const columns = classes.map(({ name }) => name);
  if (new Set(columns).size !== columns.length) return fail('each class may have only one column');
  const rows = lines.map((line, entry): Row => {
    const labels = classes.filter(({ name, index }) => {
      const value = line[index]?.trim();
      if (value === '0' || value === '1') return value === '1';
      return fail(`entry ${entry + 1}: without a column label, '${name}' is a class and must be 0 or 1`);
    });
    return { ...base(line), labels: labels.map(({ name }) => name) };
  });
  return columns.length > 0 ? { rows, columns } : fail('the first line must name the columns file and label');
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
