/**
 * `.keras` files: zip archives of `config.json` and `model.weights.h5`. They are unpacked by fflate, an optional package,
 * which compares no checksums and trusts the sizes in the archive; both are checked here.
 *
 * Format: "APPNOTE.TXT - .ZIP File Format Specification", PKWARE, sections 4.3.12 and 4.3.16.
 */
import { CorruptFileError, type Action } from '../errors.js';
import { crc32 } from '../support/crc32.js';
import { loadOptional } from '../support/optional_package.js';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const MAX_COMMENT = 0xffff;

/** Most bytes that an archive may unpack to: numbers hardly shrink. */
const maxUnpacked = (packed: number): number => 4 * packed + 2 ** 26;

/** Whether bytes begin as a zip archive does. */
export function isArchive(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, index) => bytes[index] === byte);
}

/**
 * The weights and the configuration in an archive.
 *
 * @param action who asks, for errors
 * @throws CorruptFileError if the archive is damaged or lacks one of them; MissingPackageError
 */
export async function readArchive(
  action: Action,
  { bytes, name }: { readonly bytes: Uint8Array; readonly name: string },
): Promise<readonly [weights: Uint8Array, config: unknown]> {
  const { unzipSync, strFromU8 } = await loadOptional(action, 'fflate', () => import('fflate'));
  const fail = (rule: string): never => {
    throw new CorruptFileError(action, rule, name);
  };
  const whole = `the archive must be complete and hold ${CONFIG} and ${WEIGHTS}`;
  const entries = readDirectory(bytes);
  const wanted = [WEIGHTS, CONFIG].map((each) => entries?.filter((entry) => entry.name === each) ?? []);
  if (wanted.some((found) => found.length !== 1)) return fail(whole);
  const most = maxUnpacked(bytes.length);
  if (wanted.some(([entry]) => entry!.size > most)) {
    return fail(`an archive of ${bytes.length} bytes may hold at most ${most}`);
  }
  const unpacked = attempt(() => unzipSync(bytes, { filter: (entry) => [CONFIG, WEIGHTS].includes(entry.name) }));
  const [weights, config] = wanted.map(([entry]) => {
    const contents = unpacked?.[entry!.name];
    if (contents?.length !== entry!.size) return fail(whole);
    if (crc32(contents) !== entry!.checksum) {
      return fail(`the archive must be undamaged (the checksum of ${entry!.name} differs)`);
    }
    return contents;
  });
  const parsed = attempt((): { readonly config: unknown } => ({ config: JSON.parse(strFromU8(config!)) as unknown }));
  return parsed === undefined ? fail(`${CONFIG} must be JSON`) : [weights!, parsed.config];
}

interface Entry {
  readonly name: string;
  readonly checksum: number;
  /** Bytes unpacked. */
  readonly size: number;
}

/** The entries of the directory at the end of an archive; undefined where there is none. */
function readDirectory(bytes: Uint8Array): Entry[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT);
  let end = bytes.length - END_BYTES;
  while (end >= first && view.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < first) return undefined;
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) return undefined;
    const nameBytes = view.getUint16(at + 28, true);
    const start = at + ENTRY_BYTES;
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(start, start + nameBytes)),
      checksum: view.getUint32(at + 16, true),
      size: view.getUint32(at + 24, true),
    });
    at = start + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
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
