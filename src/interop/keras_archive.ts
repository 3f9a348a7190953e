/** `.keras` files: zip archives of `config.json` and `model.weights.h5`. They are read by fflate, an optional package. */
import { CorruptFileError, type Action } from '../errors.js';
import { loadOptional } from '../training/optional_package.js';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

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
  try {
    const entries = unzipSync(bytes, { filter: (entry) => [CONFIG, WEIGHTS].includes(entry.name) });
    const { [WEIGHTS]: weights, [CONFIG]: config } = entries;
    if (weights !== undefined && config !== undefined) return [weights, JSON.parse(strFromU8(config))];
  } catch {
    // Told below.
  }
  throw new CorruptFileError(action, `the archive must be complete and hold ${CONFIG} and ${WEIGHTS}`, name);
}
