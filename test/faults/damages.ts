/** Damage to files: truncated, or one bit flipped, reproducible by seed. */
import { Random } from '../../src/training/random.js';

/** Files that the program reads, and a command that reads each. */
export const DAMAGED_FILES = [
  { file: 'checkpoint.bin', command: 'train' },
  { file: 'run.json', command: 'train' },
  { file: 'model/model.json', command: 'evaluate' },
  { file: 'model/weights.bin', command: 'evaluate' },
  { file: 'run.json', command: 'evaluate' },
  { file: '.tfjs-convolutions.lock', command: 'train' },
  { file: 'bars/train-images-idx3-ubyte', command: 'train' },
  { file: 'bars/t10k-labels-idx1-ubyte', command: 'evaluate' },
] as const;

/** Returns the damage with this number. */
export function damageOf(
  seed: number,
  index: number,
): { readonly name: string; readonly change: (bytes: Buffer) => Buffer } {
  const random = new Random(seed, 'split', index);
  const fraction = random.between(0, 1);
  if (random.below(3) === 0) {
    return {
      name: `cut to ${fraction.toFixed(4)}`,
      change: (bytes) => bytes.subarray(0, Math.floor(fraction * bytes.length)),
    };
  }
  const bit = random.below(8);
  return {
    name: `bit ${bit} at ${fraction.toFixed(4)}`,
    change: (bytes) => {
      bytes[Math.floor(fraction * bytes.length)]! ^= 1 << bit;
      return bytes;
    },
  };
}
