/** Checkpoints in the layout of version 0.1.0 with another header and a matching checksum. */
import { createHash } from 'node:crypto';

const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;

/** The header of a checkpoint. */
export function oldHeaderOf(bytes: Uint8Array): Record<string, unknown> {
  const buffer = Buffer.from(bytes);
  const length = buffer.readUInt32LE(12);
  return JSON.parse(buffer.subarray(PREFIX_BYTES, PREFIX_BYTES + length).toString()) as Record<string, unknown>;
}

/** The checkpoint with this text as its header, the rest as it was, and a checksum that is right. */
export function forgeOldCheckpoint(bytes: Uint8Array, header: string): Buffer {
  const buffer = Buffer.from(bytes);
  const old = buffer.readUInt32LE(12);
  const tensors = buffer.subarray(PREFIX_BYTES + old + padding(old), buffer.length - CHECKSUM_BYTES);
  const json = Buffer.from(header);
  const prefix = Buffer.from(buffer.subarray(0, PREFIX_BYTES));
  prefix.writeUInt32LE(json.length, 12);
  return signedOld(Buffer.concat([prefix, json, Buffer.alloc(padding(json.length)), tensors]));
}

/** The bytes with the checksum that they must have. */
export function signedOld(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
