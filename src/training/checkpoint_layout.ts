/**
 * Layout of a checkpoint: a safetensors file. Tensors: every weight by its name ('conv2d/kernel'), and the optimizer's
 * moments of the trained weights ('optimizer/m/conv2d/kernel', 'optimizer/v/conv2d/kernel'), all float32. Metadata, in this
 * order:
 *
 * - checksum: SHA-256, in 64 hexadecimal digits, of the whole file with '0' in place of each of these digits. They always
 *   have the same position, since metadata comes first in the header and the checksum first in the metadata. So every bit
 *   of the file is covered: length and text of the header, tensors, and, by the comparison, the digits themselves
 * - format: 'tfjs-convolutions checkpoint'
 * - version: '2'
 * - run: JSON with options, state and notes, and the names of weights and moments in the order of the run
 */
import { CorruptFileError } from '../errors.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../support/safetensors.js';
import {
  checkHeader,
  READ_CHECKPOINT,
  parseRecord,
  type CheckpointHeader,
  type CheckpointTensors,
  type TensorEntry,
} from './checkpoint_header.js';
import { sha256Hex } from './sha256.js';

const FORMAT = 'tfjs-convolutions checkpoint';
const VERSION = '2';
/** Starts at byte 8, after the length of the header, and ends where the digits of the checksum start. */
const BEFORE_CHECKSUM = new TextEncoder().encode('{"__metadata__":{"checksum":"');
const CHECKSUM_START = 8 + BEFORE_CHECKSUM.length;
const NO_CHECKSUM = new TextEncoder().encode('0'.repeat(64));
const CHECKSUM_END = CHECKSUM_START + NO_CHECKSUM.length;

/** A header with only the names of tensors, whose shapes are in the header of the file. */
type RunHeader = Omit<CheckpointHeader, 'weights' | 'moments'> & Readonly<Record<'weights' | 'moments', string[]>>;

/** Encodes a checkpoint; the bytes are the same for the same tensors and run. */
export async function encodeLayout(tensors: readonly StoredTensor[], run: RunHeader): Promise<Uint8Array> {
  const checksum = new TextDecoder().decode(NO_CHECKSUM);
  const metadata = { checksum, format: FORMAT, version: VERSION, run: JSON.stringify(run) };
  const bytes = encodeSafetensors({ metadata, tensors });
  bytes.set(new TextEncoder().encode(await sha256Hex(bytes)), CHECKSUM_START);
  return bytes;
}

/**
 * Reads the bytes of a checkpoint.
 *
 * @param bytes the whole file
 * @param name name of the file in errors
 * @throws CorruptFileError
 */
export async function decodeLayout(bytes: Uint8Array, name: string): Promise<CheckpointTensors> {
  const fail = (rule: string): never => {
    throw new CorruptFileError(READ_CHECKPOINT, rule, name);
  };
  const kind = 'the file must be a checkpoint of this package';
  if (!BEFORE_CHECKSUM.every((byte, index) => byte === bytes[8 + index])) return fail(kind);
  const checksum = await sha256Hex(bytes.subarray(0, CHECKSUM_START), NO_CHECKSUM, bytes.subarray(CHECKSUM_END));
  if (checksum !== new TextDecoder().decode(bytes.subarray(CHECKSUM_START, CHECKSUM_END))) {
    return fail('the file must be complete and undamaged (its checksum does not match)');
  }
  const { metadata, tensors } = decodeSafetensors(bytes, fail);
  if (metadata['format'] !== FORMAT) return fail(kind);
  const version = metadata['version'];
  if (version !== VERSION) return fail(`the format version must be ${VERSION} and is ${version}`);
  const run = parseRecord(metadata['run'] ?? '') ?? fail('its header must be JSON');
  const [weights, moments] = [run['weights'], run['moments']].map((names) => pick(tensors, names));
  const used = new Set([...(weights ?? []), ...(moments ?? [])]);
  if (!weights || !moments || used.size !== weights.length + moments.length || used.size !== tensors.length) {
    return fail('its header must name each of its tensors once');
  }
  const other = tensors.find(({ dtype }) => dtype !== 'F32');
  if (other) return fail(`its tensors must be of type F32 ('${other.name}' is ${other.dtype})`);
  const header = checkHeader({ ...run, weights: weights.map(entryOf), moments: moments.map(entryOf) }, name);
  if (header.trained === undefined) return fail("its header must be complete and valid ('trained' is not)");
  return { header, weights: weights.map(valuesOf), moments: moments.map(valuesOf) };
}

/** Finds the tensors with the given names; undefined if the list is invalid or a tensor is missing. */
function pick(tensors: readonly StoredTensor[], names: unknown): StoredTensor[] | undefined {
  if (!Array.isArray(names)) return undefined;
  const byName = new Map<unknown, StoredTensor>(tensors.map((tensor) => [tensor.name, tensor]));
  const picked = names.flatMap((name) => byName.get(name) ?? []);
  return picked.length === names.length ? picked : undefined;
}

function entryOf({ name, shape }: StoredTensor): TensorEntry {
  return { name, shape };
}

/** Copies values, since those in a file may start at any byte and not be aligned. */
function valuesOf({ bytes }: StoredTensor): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
