/** Operands of batch normalisation, as assembly/batch_norm_operands.ts declares them: addresses, sizes and numbers. */
import type { HeapCall } from './heap.js';
import { listFields, type Struct } from './struct.js';

/** All fields in order; a test compares them with `BatchNorm` in assembly/batch_norm_operands.ts. */
export const BATCH_NORM_FIELDS = [
  'x',
  'gamma',
  'beta',
  'mean',
  'variance',
  'coefficients',
  'y',
  'dy',
  'dx',
  'dgamma',
  'dbeta',
  'rows',
  'channels',
  'epsilon',
  'floor',
  'ceiling',
  'scratch',
] as const;

type BatchNorm = Struct<typeof BATCH_NORM_FIELDS>;

/** Fields that are float32 numbers. */
type Numbers = 'epsilon' | 'floor' | 'ceiling';

/** Writes the operands of a call and returns their address. */
export function writeBatchNorm(
  { integers }: Pick<HeapCall, 'integers'>,
  operands: Partial<BatchNorm> & Pick<BatchNorm, Numbers>,
): number {
  const { epsilon, floor, ceiling } = operands;
  return integers(
    listFields(BATCH_NORM_FIELDS, {
      ...operands,
      epsilon: bitsOf(epsilon),
      floor: bitsOf(floor),
      ceiling: bitsOf(ceiling),
    }),
  );
}

/** A float32 number as the integer with the same bits. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}
