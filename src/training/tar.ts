/**
 * Lists tar archives without unpacking them: ustar, with the extended headers of pax and the long names of GNU tar.
 *
 * Format: POSIX.1-2017, "pax", sections "ustar Interchange Format" and "pax Interchange Format".
 */
import { CorruptFileError, type Action } from '../errors.js';
import { openRegularFile, readBytes } from '../support/regular_file.js';
import type { ArchiveContents, ArchiveMember, OtherMember } from './archive_members.js';
import { PROBE_BYTES } from './image_kind.js';

const BLOCK = 512;
/** Types of extended headers: of pax for one member and for all, and long names of GNU tar. */
const EXTENSIONS = ['x', 'g', 'L', 'K'];
/** Types of hard and symbolic links. */
const LINK_TYPES = ['1', '2'];
/** Types of members that are files: of POSIX, of older archives, and contiguous. */
const FILE_TYPES = ['0', '\u0000', '7'];
/** Most bytes of an extended header or a long name. */
const MAX_HEADER = 2 ** 20;
const CHECKSUM = { start: 148, end: 156 } as const;

/**
 * Lists a tar archive.
 *
 * @throws CorruptFileError if it is compressed, cut or not a tar archive
 */
export async function listTar(action: Action, file: string): Promise<ArchiveContents> {
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, file);
  };
  return openRegularFile(action, file, async ({ handle, size }) => {
    const contents: Contents = { members: [], folders: [], others: [] };
    let extended: Extended = {};
    for (let at = 0; at < size;) {
      const bytes = await readBytes(handle, at, BLOCK + PROBE_BYTES);
      const header = bytes.subarray(0, BLOCK);
      if (header.every((byte) => byte === 0)) return contents;
      checkHeader(header, at === 0, fail);
      const start = at + BLOCK;
      const type = String.fromCharCode(header[156]!);
      const length = EXTENSIONS.includes(type) ? sizeOf(header) : (extended.size ?? sizeOf(header));
      if (!(start + length <= size)) fail('the file must be complete (it ends within a member)');
      at = start + Math.ceil(length / BLOCK) * BLOCK;
      if (EXTENSIONS.includes(type)) {
        if (length > MAX_HEADER) fail(`an extended header must have at most ${MAX_HEADER} bytes`);
        extended = { ...extended, ...readExtension(type, await readBytes(handle, start, length)) };
        continue;
      }
      const head = bytes.subarray(BLOCK, BLOCK + Math.min(PROBE_BYTES, length));
      add(contents, type, { name: extended.path ?? nameOf(header), start, length, head });
      extended = {};
    }
    return fail('the file must be complete (it ends without its last block)');
  });
}

/** Values of extended headers for the member after them. */
interface Extended {
  readonly path?: string;
  readonly size?: number;
}

interface Contents {
  readonly members: ArchiveMember[];
  readonly folders: string[];
  readonly others: OtherMember[];
}

function add({ members, folders, others }: Contents, type: string, member: ArchiveMember): void {
  if (type === '5') folders.push(member.name);
  else if (FILE_TYPES.includes(type)) members.push(member);
  else others.push({ name: member.name, found: LINK_TYPES.includes(type) ? 'a link' : 'not a regular file' });
}

function checkHeader(header: Buffer, isFirst: boolean, fail: (rule: string) => never): void {
  const isGzip = header[0] === 0x1f && header[1] === 0x8b;
  if (isFirst && isGzip) fail('the archive must not be compressed (gunzip it first)');
  if (header.length < BLOCK || !isHeader(header)) fail('the file must be a complete, undamaged tar archive');
}

/** Reads an extended header of pax, or a long name of GNU tar. */
function readExtension(type: string, contents: Buffer): Extended {
  if (type === 'L') return { path: textOf(contents) };
  if (type !== 'x') return {};
  const { path, size } = paxRecords(contents);
  return { ...(path !== undefined && { path }), ...(size !== undefined && { size: Number(size) }) };
}

/** Tests the checksum: the sum of all bytes, with spaces in its place. */
function isHeader(header: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : header[at]!;
  return sum === octal(header.subarray(CHECKSUM.start, CHECKSUM.end));
}

/** Length of the contents: octal digits, or base 256 if the first bit is set, as GNU tar writes files of 8 GB and more. */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136);
  if (field[0]! < 0x80) return octal(field);
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
}

function octal(field: Buffer): number {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field.toString('latin1'));
  return digits ? parseInt(digits[1]!, 8) : NaN;
}

function nameOf(header: Buffer): string {
  const name = textOf(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textOf(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Text up to the first null byte. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Records of an extended header: "⟨length⟩ ⟨key⟩=⟨value⟩\n". */
function paxRecords(bytes: Buffer): Partial<Record<'path' | 'size', string>> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, Math.max(space, at)));
    if (space < 0 || !(length > space - at + 1)) break;
    const [key = '', ...value] = bytes.toString('utf8', space + 1, at + length - 1).split('=');
    if (key === 'path' || key === 'size') records[key] = value.join('=');
    at += length;
  }
  return records;
}
