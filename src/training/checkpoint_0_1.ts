/**
 * Reads the checkpoints of version 0.1.0, which had a layout of their own (little-endian): 8 bytes 'TFJSCONV', u32 format
 * version, u32 length of the header, the header as JSON, padding to a multiple of 4, the tensors as float32 in the
 * header's order, 32 bytes SHA-256 of all that precedes.
 */
import { CorruptFileError } from '../errors.js';
import {
  checkHeader,
  parseRecord,
  READ_CHECKPOINT,
  type CheckpointTensors,
  type TensorEntry,
} from './checkpoint_header.js';
import { sha256 } from './sha256.js';

const MAGIC = 'TFJSCONV';
const VERSION = 1;
const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;
const VALUE_BYTES = 4;

/** Tests for the signature of a checkpoint of version 0.1.0. */
export function isOldCheckpoint(bytes: Uint8Array): boolean {
  return bytes.length >= PREFIX_BYTES + CHECKSUM_BYTES && decodeText(bytes.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * Reads a checkpoint of version 0.1.0.
 *
 * @param bytes the whole file, for which {@link isOldCheckpoint} is true
 * @param name name of the file in errors
 * @throws CorruptFileError
 */
export async function decodeOldCheckpoint(bytes: Uint8Array, name: string): Promise<CheckpointTensors> {
  const fail = (rule: string): never => {
    throw new CorruptFileError(READ_CHECKPOINT, rule, name);
  };
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, PREFIX_BYTES);
  const version = numbers.getUint32(8, true);
  if (version !== VERSION) return fail(`the format version must be ${VERSION} and is ${version}`);
  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
  const checksum = bytes.subarray(body.length);
  if (!(await sha256(body)).every((byte, index) => byte === checksum[index])) {
    return fail('the file must be complete and undamaged (its checksum does not match)');
  }
  const jsonBytes = numbers.getUint32(12, true);
  let offset = PREFIX_BYTES + Math.ceil(jsonBytes / VALUE_BYTES) * VALUE_BYTES;
  if (offset > body.length) return fail('its header must end within the file');
  const json = parseRecord(decodeText(body.subarray(PREFIX_BYTES, PREFIX_BYTES + jsonBytes)));
  const header = checkHeader(json ?? fail('its header must be JSON'), name);
  const given = body.length - offset;
  // Products beyond 2⁵³ are rounded, but exceed any file.
  const needed = [...header.weights, ...header.moments].reduce((total, entry) => total + bytesOf(entry), 0);
  if (needed !== given) return fail(`its tensors must have ${needed} bytes and have ${given}`);
  const take = (entry: TensorEntry): Float32Array => {
    const values = new Float32Array(bytesOf(entry) / VALUE_BYTES);
    new Uint8Array(values.buffer).set(bytes.subarray(offset, offset + values.byteLength));
    offset += values.byteLength;
    return values;
  };
  return { header, weights: header.weights.map(take), moments: header.moments.map(take) };
}

function bytesOf({ shape }: TensorEntry): number {
  return shape.reduce((product, length) => product * length, VALUE_BYTES);
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
