/**
 * `.keras` files: zip archives with `config.json` and `model.weights.h5`. They are decompressed by fflate, an optional
 * package that neither verifies checksums nor distrusts the sizes in the archive; both are checked here.
 *
 * Format: "APPNOTE.TXT - .ZIP File Format Specification", PKWARE, sections 4.3.12 and 4.3.16.
 */
import { CorruptFileError, isPlainObject, type Action } from '../errors.js';
import { crc32 } from '../support/crc32.js';
import { loadOptional } from '../support/optional_package.js';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'metadata.json';
/** Field of the metadata in which this package and its Python package keep notes, such as the names of classes. */
const NOTES = 'tfjs_convolutions';
/** Most bytes of the metadata: the names of a million classes. */
const MOST_METADATA = 2 ** 25;

/** Release of Keras whose files are written. */
const KERAS_VERSION = '3.15.0';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const MAX_COMMENT = 0xffff;

/** Most bytes that an archive may decompress to: weights hardly compress. */
const maxDecompressed = (compressed: number): number => 4 * compressed + 2 ** 26;

/** Tests for the signature of a zip archive. */
export function isArchive(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, index) => bytes[index] === byte);
}

/** Contents of an archive. */
export interface KerasArchive {
  readonly weights: Uint8Array;
  readonly config: unknown;
  /** Metadata of the model that this package wrote. */
  readonly notes?: object;
}

/**
 * Reads the contents of an archive.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 * @throws CorruptFileError if the archive is corrupt or lacks the weights or the configuration; MissingPackageError
 */
export async function readArchive(
  action: Action,
  { bytes, name }: { readonly bytes: Uint8Array; readonly name: string },
): Promise<KerasArchive> {
  const { unzipSync, strFromU8 } = await loadZip(action);
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, name);
  };
  const whole = `the archive must be complete and contain ${CONFIG} and ${WEIGHTS}`;
  const entries = readDirectory(bytes);
  const found = (each: string): readonly Entry[] => entries?.filter((entry) => entry.name === each) ?? [];
  const wanted = [WEIGHTS, CONFIG].map(found);
  if (wanted.some(({ length }) => length !== 1)) return fail(whole);
  // Keras writes and ignores it.
  const metadata = found(METADATA).filter(({ size }) => size <= MOST_METADATA);
  const read = [...wanted, metadata.slice(0, 1)].flat();
  const limit = maxDecompressed(bytes.length);
  if (read.some(({ size }) => size > limit)) {
    return fail(`an archive of ${bytes.length} bytes must decompress to at most ${limit}`);
  }
  const names = read.map((entry) => entry.name);
  const decompressed = attempt(() => unzipSync(bytes, { filter: (entry) => names.includes(entry.name) }));
  const [weights, config, described] = read.map((entry) => {
    const contents = decompressed?.[entry.name];
    if (contents?.length !== entry.size) return fail(whole);
    if (crc32(contents) !== entry.checksum) {
      return fail(`the archive must not be corrupt (the checksum of ${entry.name} differs)`);
    }
    return contents;
  });
  const parse = (file: string, contents: Uint8Array): unknown => {
    const parsed = attempt((): { readonly value: unknown } => ({ value: JSON.parse(strFromU8(contents)) as unknown }));
    return parsed === undefined ? fail(`${file} must be JSON`) : parsed.value;
  };
  const notes = described && notesOf(parse(METADATA, described), fail);
  return { weights: weights!, config: parse(CONFIG, config!), ...(notes && { notes }) };
}

function notesOf(metadata: unknown, fail: (rule: string) => never): object | undefined {
  const notes = isPlainObject(metadata) ? metadata[NOTES] : undefined;
  if (notes === undefined || isPlainObject(notes)) return notes;
  return fail(`${NOTES} in ${METADATA} must be an object`);
}

/**
 * Creates an archive as Keras does, without compression: weights hardly shrink.
 *
 * @param action action to name in errors: "Cannot ⟨action⟩: …"
 */
export async function writeArchive(action: Action, { config, weights, notes }: KerasArchive): Promise<Uint8Array> {
  const { zipSync, strToU8 } = await loadZip(action);
  const json = (value: unknown): Uint8Array => strToU8(JSON.stringify(value));
  const metadata = { keras_version: KERAS_VERSION, ...(notes && { [NOTES]: notes }) };
  return zipSync({ [METADATA]: json(metadata), [CONFIG]: json(config), [WEIGHTS]: weights }, { level: 0 });
}

/**
 * Loads the package that reads and writes archives. Their weights are HDF5, so an error names the package for that too.
 *
 * @throws MissingPackageError if it is not installed
 */
export function loadZip(action: Action) {
  return loadOptional(action, 'h5wasm fflate', () => import('fflate'));
}

interface Entry {
  readonly name: string;
  readonly checksum: number;
  /** Decompressed size in bytes. */
  readonly size: number;
}

/** Reads the central directory at the end of an archive; undefined if there is none. */
function readDirectory(bytes: Uint8Array): Entry[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT);
  let end = bytes.length - END_BYTES;
  while (end >= first && view.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < first) return undefined;
  const entries: Entry[] = [];
  let offset = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (offset + ENTRY_BYTES > bytes.length || view.getUint32(offset, true) !== ENTRY_SIGNATURE) return undefined;
    const nameBytes = view.getUint16(offset + 28, true);
    const start = offset + ENTRY_BYTES;
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(start, start + nameBytes)),
      checksum: view.getUint32(offset + 16, true),
      size: view.getUint32(offset + 24, true),
    });
    offset = start + nameBytes + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
  }
  return entries;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
