/** Damage to the bytes of a file: as by disks, transfers and attackers. */
import { MUTATION_KINDS, mutateAt, pathsOf } from '../support/json_mutations.js';
import type { Random } from '../support/random.js';

/** Implausible numbers for header fields. */
const STRANGE_NUMBERS = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Applies one to three of: flipped bits, truncation, insertion, repetition, another value of a header field. */
export function mutateBytes(bytes: Uint8Array, random: Random, headerBytes = 64): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let count = random.integer(1, 3); count > 0; count--) mutated = mutateOnce(mutated, random, headerBytes);
  return mutated;
}

function mutateOnce(bytes: Uint8Array, random: Random, headerBytes: number): Uint8Array<ArrayBuffer> {
  const position = random.integer(0, Math.max(0, bytes.length - 1));
  const copy = Uint8Array.from(bytes);
  switch (random.integer(0, 5)) {
    case 0:
      return copy.slice(0, position);
    case 1: {
      const inserted = Uint8Array.from({ length: random.integer(1, 64) }, () => random.integer(0, 255));
      return Uint8Array.from(Buffer.concat([copy.subarray(0, position), inserted, copy.subarray(position)]));
    }
    case 2: {
      const length = Math.min(random.integer(1, 256), bytes.length - position);
      return Uint8Array.from(Buffer.concat([copy.subarray(0, position + length), copy.subarray(position)]));
    }
    case 3: {
      const view = new DataView(copy.buffer);
      const at = random.integer(0, Math.max(0, Math.min(headerBytes, copy.length) - 4));
      const value = STRANGE_NUMBERS[random.integer(0, STRANGE_NUMBERS.length - 1)]!;
      if (copy.length >= 4) view.setUint32(at, value, random.integer(0, 1) === 0);
      return copy;
    }
    default:
      for (let bits = random.integer(1, 4); bits > 0 && copy.length > 0; bits--) {
        copy[random.integer(0, copy.length - 1)]! ^= 1 << random.integer(0, 7);
      }
      return copy;
  }
}

/** Changes one to three values of the document, and sometimes its bytes. */
export function mutateJson(document: unknown, random: Random): string {
  let json = JSON.stringify(document);
  for (let count = random.integer(1, 3); count > 0; count--) {
    const current: unknown = JSON.parse(json);
    const paths = pathsOf(current);
    json = mutateAt(current, paths[random.integer(0, paths.length - 1)]!, random.integer(0, MUTATION_KINDS - 1)).json;
  }
  return json;
}
