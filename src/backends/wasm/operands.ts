/** Operands of the kernels that slide a window, as assembly/operands.ts declares them: addresses, 0 if absent. */
import type { HeapCall } from './heap.js';
import { listFields, type Struct } from './struct.js';

/** All fields in order; a test compares them with `Operands` in assembly/operands.ts. */
export const OPERANDS = [
  'geometry',
  'x',
  'offset',
  'mask',
  'filter',
  'packed',
  'bias',
  'y',
  'dy',
  'dx',
  'doffset',
  'dmask',
  'dfilter',
  'scratch',
] as const;

/** Addresses of all operands. */
export type Operands = Struct<typeof OPERANDS>;

/** Writes the operands of a call and returns their address. */
export function writeOperands({ integers }: Pick<HeapCall, 'integers'>, operands: Partial<Operands>): number {
  return integers(listFields(OPERANDS, operands));
}
