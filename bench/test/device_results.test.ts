/** Files that the benchmark page saved on devices: what is read, kept and shown, and what is refused. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DEVICES, keepDeviceRecord, readDeviceRecord, writeDevicePage } from '../support/device_results.js';

const RECORD = {
  format: 1,
  date: '2026-11-30T00:00:00.000Z',
  userAgent: 'Browser | 1',
  rounds: 5,
  backends: [
    {
      name: 'webgl',
      device: 'A (GPU), 2 | 3',
      rows: [
        { title: 'conv2d', shape: '56²×64, forward', host: 2, ours: 1, rounds: 5 },
        { title: 'conv2d', shape: '28²×128, forward', failure: 'results differ by 1.0e+0' },
      ],
    },
  ],
};

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'devices-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function saved(record: unknown): string {
  const file = path.join(folder, 'given.json');
  fs.writeFileSync(file, typeof record === 'string' ? record : JSON.stringify(record));
  return file;
}

test('a file is kept by device and day, and shown beside others, with ratios and failures', async () => {
  const kept = path.join(folder, 'kept');
  const record = readDeviceRecord(saved(RECORD));
  expect(keepDeviceRecord(record, kept)).toBe('a-gpu-2-3-2026-11-30.json');
  const [backend] = record.backends;
  const other = { ...record, backends: [{ ...backend!, device: 'B', rows: backend!.rows.slice(1) }] };
  keepDeviceRecord(other, kept);
  expect(fs.readdirSync(kept).sort()).toEqual(['a-gpu-2-3-2026-11-30.json', 'b-2026-11-30.json']);
  const lines = fs.readFileSync(await writeDevicePage(kept), 'utf8').split('\n');
  const cells = lines
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  expect(cells).toContainEqual(['', 'conv2d', '56²×64, forward', '0.500', '', '']);
  const failure = 'results differ by 1.0e+0';
  expect(cells).toContainEqual(['', 'conv2d', '28²×128, forward', failure, failure, '']);
  expect(lines.join('\n')).toContain('A (GPU), 2 \\| 3');
});

const [BACKEND] = RECORD.backends;
const withRow = (row: unknown): unknown => ({ ...RECORD, backends: [{ ...BACKEND, rows: [row] }] });

test.each([
  ['no JSON', '{', 'JSON'],
  [
    'another version',
    { ...RECORD, format: 2 },
    'format must be 1 (save it again with the page of this version), received 2',
  ],
  ['no object', 3, 'format must be 1'],
  ['a date that is none', { ...RECORD, date: 'today' }, 'date must be one of ISO 8601, received "today"'],
  ['no browser', { ...RECORD, userAgent: undefined }, 'userAgent must be a text, received nothing'],
  ['no rounds', { ...RECORD, rounds: 0 }, 'rounds must be positive, received 0'],
  ['no backends', { ...RECORD, backends: {} }, 'backends must be a list, received {}'],
  ['a backend without device', { ...RECORD, backends: [{ name: 'webgl', rows: [] }] }, 'must have a name and a device'],
  ['no rows', { ...RECORD, backends: [{ ...BACKEND, rows: 1 }] }, 'backends[0].rows must be a list, received 1'],
  ['a row without times', withRow({ title: 'a', shape: 'b' }), 'backends[0].rows[0] must have a title'],
  ['a time of zero', withRow({ title: 'a', shape: 'b', host: 0, ours: 1, rounds: 1 }), 'positive times or a failure'],
])('a file with %s is refused by name', (_, record, message) => {
  const file = saved(record);
  expect(() => readDeviceRecord(file)).toThrow(`Cannot read ${file}: `);
  expect(() => readDeviceRecord(file)).toThrow(message);
});

test('every file of the folder can be read', () => {
  const names = fs.readdirSync(DEVICES).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(readDeviceRecord(path.join(DEVICES, name)).backends.length).toBeGreaterThan(0);
});
