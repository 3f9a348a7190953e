/** Results of the page from other devices: one JSON file each in bench/results_devices, and a page of tables over them. */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import type { DeviceRecord, RecordedRow } from '../browser/device_record.js';
import { BENCH } from './peers.js';
import { digits, markdownTable } from './table.js';

export const DEVICES = path.join(BENCH, 'results_devices');
export const PAGE = 'README.md';

/** A file and its record. */
interface Named {
  readonly name: string;
  readonly record: DeviceRecord;
}

/**
 * Reads a file that the page saved.
 *
 * @throws Error that names the file, the rule and the value, if it is no such file
 */
export function readDeviceRecord(file: string): DeviceRecord {
  const fail = (rule: string, value: unknown): never => {
    throw new Error(
      `Cannot read ${file}: ${rule}, received ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
    );
  };
  let given: unknown;
  try {
    given = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const record = partsOf(given);
  if (record['format'] !== 1) fail('format must be 1 (save it again with the page of this version)', record['format']);
  for (const name of ['date', 'userAgent']) {
    if (typeof record[name] !== 'string') fail(`${name} must be a text`, record[name]);
  }
  if (Number.isNaN(Date.parse(record['date'] as string))) fail('date must be one of ISO 8601', record['date']);
  if (!isPositive(record['rounds'])) fail('rounds must be positive', record['rounds']);
  if (!Array.isArray(record['backends'])) fail('backends must be a list', record['backends']);
  (record['backends'] as unknown[]).forEach((each, index) => {
    const { name, device, rows } = partsOf(each);
    if (typeof name !== 'string' || typeof device !== 'string') {
      fail(`backends[${index}] must have a name and a device`, { name, device });
    }
    if (!Array.isArray(rows)) fail(`backends[${index}].rows must be a list`, rows);
    (rows as unknown[]).forEach((row, line) => {
      if (!isRow(partsOf(row))) {
        fail(`backends[${index}].rows[${line}] must have a title, a shape, and positive times or a failure`, row);
      }
    });
  });
  return given as DeviceRecord;
}

/** Stores a record in the folder under the name of its first device and its day; returns the name. */
export function keepDeviceRecord(record: DeviceRecord, folder = DEVICES): string {
  const device = record.backends[0]?.device ?? 'device';
  const slug = device
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const name = `${slug.slice(0, 60)}-${record.date.slice(0, 10)}.json`;
  fs.mkdirSync(folder, { recursive: true });
  writeWhole(path.join(folder, name), `${JSON.stringify(record, null, 1)}\n`);
  return name;
}

/** Writes the page of the folder. */
export async function writeDevicePage(folder = DEVICES): Promise<string> {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.json'));
  const records = names.sort().map((name) => ({ name, record: readDeviceRecord(path.join(folder, name)) }));
  const file = path.join(folder, PAGE);
  const options = await prettier.resolveConfig(path.join(BENCH, 'results.md'));
  writeWhole(file, await prettier.format(pageOf(records), { ...options, parser: 'markdown' }));
  return file;
}

const HEAD = `# What devices measured

Written by \`npm run -w bench devices\`. Ratios of this package's time to that of TensorFlow.js, in one page, on the same
device, medians of alternating rounds; below 1 is in this package's favour. Deformable convolutions stand beside the host's
*plain* ones of the same shape. A software renderer computes on the processor: it counts instructions and fetches as a
graphics device would, and says nothing of its time.

To add a device: \`npm run -w bench browser\`, open the address in its browser, Start, "Save as JSON", then
\`npm run -w bench devices FILE\`; or \`npm run -w bench devices -- --measure\`, in headless Chromium on this machine.
`;

function pageOf(records: readonly Named[]): string {
  const backends = [...new Set(records.flatMap(({ record }) => record.backends.map(({ name }) => name)))];
  const key = records.map(({ name, record }, index) => {
    const devices = record.backends.map((each) => `${each.name}: ${each.device}`).join('; ');
    const link = `[${index + 1}](${encodeURI(name)})`;
    return [link, record.date.slice(0, 10), devices, record.userAgent, String(record.rounds)].map(escape);
  });
  const parts = [
    HEAD,
    markdownTable(['', 'day', 'devices', 'browser', 'rounds'], key),
    ...backends.map((name) => `## ${name}\n\n${tableOf(records, name)}`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function tableOf(records: readonly Named[], backend: string): string {
  const columns = records.flatMap(({ record }, index) =>
    record.backends
      .filter(({ name }) => name === backend)
      .map(({ rows }) => ({ label: String(index + 1), rows: new Map(rows.map((row) => [idOf(row), row])) })),
  );
  const rows = new Map(columns.flatMap((column) => [...column.rows]));
  const body = [...rows].map(([id, { title, shape }]) => {
    const cells = columns.map((column) => cellOf(column.rows.get(id)));
    return [title, shape, ...cells].map(escape);
  });
  return markdownTable(['operation', 'shape', ...columns.map(({ label }) => label)], body);
}

const idOf = ({ title, shape }: RecordedRow): string => `${title} ${shape}`;

function cellOf(row: RecordedRow | undefined): string {
  if (row === undefined) return '';
  return 'failure' in row ? row.failure : digits(row.ours / row.host);
}

const escape = (text: string): string => text.replaceAll('|', '\\|');

const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0 && Number.isFinite(value);

function isRow({ title, shape, host, ours, rounds, failure }: Record<string, unknown>): boolean {
  if (typeof title !== 'string' || typeof shape !== 'string') return false;
  return typeof failure === 'string' || [host, ours, rounds].every(isPositive);
}

function partsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Under a temporary name first, so that a file is there whole or not at all. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  fs.writeFileSync(draft, text, { flush: true });
  fs.renameSync(draft, file);
}
