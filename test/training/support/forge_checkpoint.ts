/** Checkpoints with another header and a matching checksum. */
import { createHash } from 'node:crypto';

const LENGTH_BYTES = 8;
const CHECKSUM_START = LENGTH_BYTES + '{"__metadata__":{"checksum":"'.length;
const NO_CHECKSUM = '0'.repeat(64);

type Json = Readonly<Record<string, unknown>>;

/** The header of a checkpoint without its checksum, and with the JSON of its run as an object. */
export function headerOf(bytes: Uint8Array): Record<string, unknown> {
  const buffer = Buffer.from(bytes);
  const text = buffer.subarray(LENGTH_BYTES, dataStart(buffer)).toString();
  const { __metadata__: metadata, ...tensors } = JSON.parse(text) as { __metadata__: Record<string, string> };
  const { format, version, run } = metadata;
  return { __metadata__: { format, version, run: JSON.parse(run!) as unknown }, ...tensors };
}

/** The checkpoint with such a header, the rest as it was, and a matching checksum. */
export function forgeCheckpoint(bytes: Uint8Array, header: string): Buffer {
  const buffer = Buffer.from(bytes);
  const parsed: unknown = JSON.parse(header);
  const text = isRecord(parsed) && isRecord(parsed['__metadata__']) ? withChecksum(parsed) : header;
  const json = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, ' ');
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  return signed(Buffer.concat([length, json, padding, buffer.subarray(dataStart(buffer))]));
}

/** The checkpoint with the checksum that it must have. */
export function signed(bytes: Buffer): Buffer {
  bytes.write(NO_CHECKSUM, CHECKSUM_START);
  bytes.write(createHash('sha256').update(bytes).digest('hex'), CHECKSUM_START);
  return bytes;
}

/** Offset of the first value of a tensor in a checkpoint. */
export function tensorStart(bytes: Buffer, name: string): number {
  const { data_offsets: offsets } = headerOf(bytes)[name] as { readonly data_offsets: readonly [number, number] };
  return dataStart(bytes) + offsets[0];
}

function dataStart(buffer: Buffer): number {
  return LENGTH_BYTES + Number(buffer.readBigUInt64LE());
}

function withChecksum({ __metadata__: metadata, ...tensors }: Json): string {
  const { run, ...others } = metadata as Json;
  const text = run === undefined || typeof run === 'string' ? run : JSON.stringify(run);
  return JSON.stringify({ __metadata__: { checksum: NO_CHECKSUM, ...others, run: text }, ...tensors });
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
