/**
 * The safetensors format: 8 bytes with the length of the header (u64, little-endian), the header as JSON, padded by spaces
 * to a multiple of 8, then the bytes of the tensors without gaps. The header maps `__metadata__` to texts by name and each
 * tensor's name to `{dtype, shape, data_offsets}`, offsets from the end of the header. Values are little-endian, as are
 * the machines that JavaScript runs on.
 *
 * Format: https://github.com/huggingface/safetensors#format
 *
 * No library is used: the one for JavaScript on npm is at version 0.0.1, untyped, and trusts the header; here every size is
 * checked before it is used.
 */
import { isPlainObject, show } from '../errors.js';
import { repeatedName } from './repeated_name.js';

/** Bytes of one value of each type. */
const VALUE_BYTES = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E5M2: 1, F8_E4M3: 1, C64: 8 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1 },
  ...{ U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
} as const;
const LENGTH_BYTES = 8;
/** Most bytes of a header, as in the format's own library. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';
const FIELDS = ['dtype', 'shape', 'data_offsets'] as const;

/** Type of a tensor's values. */
export type SafetensorsType = keyof typeof VALUE_BYTES;

/** One tensor of a file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** The values, row by row. A tensor that was read shares its bytes with the file and may start at any of them. */
  readonly bytes: Uint8Array;
}

/** The contents of a file. */
export interface StoredTensors {
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors in the order of their bytes. */
  readonly tensors: readonly StoredTensor[];
}

/** Throws an error about an invalid file. */
export type Fail = (rule: string) => never;

/**
 * Encodes a file; the bytes are the same for the same contents. Metadata comes first, in the given order, then the tensors: those
 * with larger types first, so that every tensor is aligned, otherwise in the given order.
 *
 * @param contents tensors with unique names, each with as many bytes as its shape and type require
 */
export function encodeSafetensors({ metadata, tensors }: StoredTensors): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort((a, b) => VALUE_BYTES[b.dtype] - VALUE_BYTES[a.dtype]);
  const fields = [`${JSON.stringify(METADATA)}:${jsonObject(Object.entries(metadata))}`];
  let end = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    const entry = { dtype, shape, data_offsets: [end, end + bytes.length] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    end += bytes.length;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(json, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const { bytes } of ordered) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/**
 * Decodes a file without copying tensors.
 *
 * @param bytes the whole file
 * @param fail called with what is wrong with the file
 * @throws what `fail` throws, unless the header is complete and valid and its tensors fill the rest of the file, without
 * gaps and overlaps
 */
export function decodeSafetensors(bytes: Uint8Array, fail: Fail): StoredTensors {
  if (bytes.length < LENGTH_BYTES) return fail('its header must end within the file');
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > bytes.length - LENGTH_BYTES) return fail('its header must end within the file');
  if (headerBytes > MAX_HEADER_BYTES) return fail(`its header must have at most ${MAX_HEADER_BYTES} bytes`);
  const data = bytes.subarray(LENGTH_BYTES + Number(headerBytes));
  const text = decodeText(bytes.subarray(LENGTH_BYTES, bytes.length - data.length));
  const header = text === undefined ? undefined : parseJson(text);
  if (header === undefined) return fail('its header must be JSON');
  const repeated = repeatedName(text!);
  if (repeated !== undefined) return fail(`its header must not name ${show(repeated)} twice`);
  const found = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => checkedTensor(name, entry, data, fail))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const { tensor, ...range } of found) {
    if (range.begin !== end) return fail(`tensor ${show(tensor.name)} must start where the one before it ends`);
    end = range.end;
  }
  if (end !== data.length) return fail(`its tensors must have ${data.length} bytes and have ${end}`);
  return { metadata: checkedMetadata(header, fail), tensors: found.map(({ tensor }) => tensor) };
}

/** One tensor and its offsets, if its entry is complete and valid. */
function checkedTensor(
  name: string,
  entry: unknown,
  data: Uint8Array,
  fail: Fail,
): { readonly tensor: StoredTensor; readonly begin: number; readonly end: number } {
  const what = `tensor ${show(name)}`;
  if (!isPlainObject(entry) || Object.keys(entry).length !== FIELDS.length) {
    return fail(`${what} must have ${FIELDS.join(', ')}`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isType(dtype)) return fail(`the type of ${what} must be one of ${Object.keys(VALUE_BYTES).join(', ')}`);
  if (!isCounts(shape)) return fail(`the shape of ${what} must be a list of whole numbers from 0`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    return fail(`the offsets of ${what} must be two whole numbers from 0`);
  }
  const [begin, end] = offsets as unknown as readonly [number, number];
  if (begin > end || end > data.length) return fail(`${what} must lie within the file`);
  // Products beyond 2⁵³ are rounded, but exceed any file.
  const needed = sizeOfShape(shape) * VALUE_BYTES[dtype];
  if (needed !== end - begin) return fail(`${what} must have ${needed} bytes and has ${end - begin}`);
  return { tensor: { name, dtype, shape, bytes: data.subarray(begin, end) }, begin, end };
}

function checkedMetadata(header: Readonly<Record<string, unknown>>, fail: Fail): Readonly<Record<string, string>> {
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  if (!isPlainObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    return fail('its metadata must be texts by name');
  }
  return metadata as Readonly<Record<string, string>>;
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Serializes an object as JSON, in the order of its entries whatever their names. */
function jsonObject(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function isType(value: unknown): value is SafetensorsType {
  return typeof value === 'string' && Object.hasOwn(VALUE_BYTES, value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}
