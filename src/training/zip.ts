/**
 * Lists zip archives without unpacking them, those above 4 GB included.
 *
 * Format: "APPNOTE.TXT - .ZIP File Format Specification", PKWARE, sections 4.3 and 4.5.3.
 */
import type { promises as fs } from 'node:fs';
import { constants, inflateRawSync } from 'node:zlib';
import { CorruptFileError, type Action } from '../errors.js';
import { openRegularFile, readBytes } from '../support/regular_file.js';
import type { ArchiveContents, ArchiveMember, OtherMember } from './archive_members.js';
import { PROBE_BYTES } from './image_kind.js';

const END = { signature: 0x06054b50, bytes: 22 } as const;
const LOCATOR = { signature: 0x07064b50, bytes: 20 } as const;
const LARGE_END = { signature: 0x06064b50, bytes: 56 } as const;
const ENTRY = { signature: 0x02014b50, bytes: 46 } as const;
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const;
const MAX_COMMENT = 0xffff;
/** Value of a 32-bit field whose value is in the extra field for large archives. */
const ELSEWHERE = 0xffff_ffff;
/** Most bytes of a central directory: about ten million members. */
const MAX_DIRECTORY = 2 ** 30;
const [STORED, DEFLATED] = [0, 8];
/** Bytes to read for the local header and the first bytes of a member. */
const LOCAL_READ = 4096;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly checksum: number;
  readonly isLink: boolean;
  readonly compressed: number;
  readonly size: number;
  /** Position of the local header. */
  readonly at: number;
}

/**
 * Lists a zip archive.
 *
 * @throws CorruptFileError if it is cut, damaged or not a zip archive
 */
export async function listZip(action: Action, file: string): Promise<ArchiveContents> {
  const fail = (): never => {
    throw new CorruptFileError(action, 'the file must be a complete, undamaged zip archive', file);
  };
  return openRegularFile(action, file, async ({ handle, size }) => {
    const entries = (await readDirectory(handle, size)) ?? fail();
    const [members, folders, others]: [ArchiveMember[], string[], OtherMember[]] = [[], [], []];
    for (const entry of entries) {
      const { name } = entry;
      const found = otherKind(entry);
      if (name.endsWith('/')) folders.push(name);
      else if (found !== undefined) others.push({ name, found });
      else members.push((await locate(handle, size, entry)) ?? fail());
    }
    return { members, folders, others };
  });
}

/** Kind of a member that cannot be read; undefined if it can be. */
function otherKind({ isEncrypted, isLink, method }: Entry): string | undefined {
  if (isEncrypted) return 'encrypted';
  if (isLink) return 'a link';
  return method === STORED || method === DEFLATED ? undefined : 'compressed by another method than deflate';
}

/** Reads the central directory; undefined if there is none, or it does not fit into the file. */
async function readDirectory(handle: fs.FileHandle, fileSize: number): Promise<Entry[] | undefined> {
  const tailStart = Math.max(0, fileSize - END.bytes - MAX_COMMENT - LOCATOR.bytes);
  const tail = await readBytes(handle, tailStart, fileSize - tailStart);
  let end = tail.length - END.bytes;
  while (end >= 0 && tail.readUInt32LE(end) !== END.signature) end--;
  if (end < 0) return undefined;
  let [bytes, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  const locator = end - LOCATOR.bytes;
  if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR.signature) {
    const at = Number(tail.readBigUInt64LE(locator + 8));
    if (at + LARGE_END.bytes > fileSize) return undefined;
    const large = await readBytes(handle, at, LARGE_END.bytes);
    if (large.length < LARGE_END.bytes || large.readUInt32LE(0) !== LARGE_END.signature) return undefined;
    [bytes, start] = [Number(large.readBigUInt64LE(40)), Number(large.readBigUInt64LE(48))];
  }
  if (start + bytes > fileSize || bytes > MAX_DIRECTORY) return undefined;
  return parseDirectory(await readBytes(handle, start, bytes));
}

function parseDirectory(directory: Buffer): Entry[] | undefined {
  const entries: Entry[] = [];
  for (let at = 0; at < directory.length;) {
    if (at + ENTRY.bytes > directory.length || directory.readUInt32LE(at) !== ENTRY.signature) return undefined;
    const [nameBytes, extraBytes] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30)];
    const [nameStart, next] = [
      at + ENTRY.bytes,
      at + ENTRY.bytes + nameBytes + extraBytes + directory.readUInt16LE(at + 32),
    ];
    if (next > directory.length) return undefined;
    const large = largeFields(directory.subarray(nameStart + nameBytes, nameStart + nameBytes + extraBytes));
    // The extra field has the values of exactly those fields that are full, in this order.
    const read = (offset: number): number => {
      const value = directory.readUInt32LE(at + offset);
      return value === ELSEWHERE ? (large.shift() ?? NaN) : value;
    };
    const [size, compressed, position] = [read(24), read(20), read(42)];
    if (![size, compressed, position].every(Number.isSafeInteger)) return undefined;
    entries.push({
      name: directory.toString('utf8', nameStart, nameStart + nameBytes),
      method: directory.readUInt16LE(at + 10),
      checksum: directory.readUInt32LE(at + 16),
      isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      // Unix mode in the upper half of the external attributes.
      isLink: ((directory.readUInt32LE(at + 38) >>> 16) & 0o170000) === 0o120000,
      compressed,
      size,
      at: position,
    });
    at = next;
  }
  return entries;
}

/** Numbers of the extra field for large archives. */
function largeFields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    const count = Math.floor(field.length / 8);
    return Array.from({ length: count }, (_, index) => Number(field.readBigUInt64LE(8 * index)));
  }
  return [];
}

/** Finds the contents of a member; undefined if they do not fit into the file. */
async function locate(handle: fs.FileHandle, fileSize: number, entry: Entry): Promise<ArchiveMember | undefined> {
  const { name, method, checksum, compressed, size, at } = entry;
  let bytes = await readBytes(handle, at, Math.min(LOCAL_READ, Math.max(0, fileSize - at)));
  if (bytes.length < LOCAL.bytes || bytes.readUInt32LE(0) !== LOCAL.signature) return undefined;
  const offset = LOCAL.bytes + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  const start = at + offset;
  if (start + compressed > fileSize) return undefined;
  const wanted = Math.min(compressed, PROBE_BYTES);
  if (bytes.length < offset + wanted) bytes = await readBytes(handle, at, offset + wanted);
  const first = bytes.subarray(offset, offset + wanted);
  const place = { name, start, length: compressed, checksum };
  return method === STORED ? { ...place, head: first } : { ...place, inflated: size, head: inflateStart(first) };
}

/** Inflates the start of a member as far as it goes. */
function inflateStart(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, PROBE_BYTES);
  } catch {
    return Buffer.alloc(0);
  }
}
