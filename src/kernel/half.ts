/**
 * Half precision (IEEE 754 binary16) in the arithmetic of the processor. Two neighbouring values share a word of 32 bits,
 * the first of them in the low half, as WGSL's unpack2x16float reads them.
 */

/** Precisions in which operands and results are stored. */
export const PRECISIONS = ['single', 'half'] as const;

/**
 * Precision in which a tensor is stored.
 *
 * @useDeclaredType
 */
export type Precision = (typeof PRECISIONS)[number];

/** Bits of a float32 as those of the nearest half, ties to even. Finite values beyond ±65504 become ±65504. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude === 0x7f800000) return sign | 0x7c00;
  if (magnitude >= 0x477fe000) return sign | 0x7bff;
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // A subnormal half counts in units of 2⁻²⁴.
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return sign | ((significand + (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1)) >>> shift);
}

/** Rounds an even number of values to halves, two in a word. */
export function packHalves(values: Float32Array): Int32Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  return Int32Array.from(
    { length: bits.length / 2 },
    (_, i) => halfOf(bits[2 * i]!) | (halfOf(bits[2 * i + 1]!) << 16),
  );
}

let table: Float32Array | undefined;

/** Values of all 2¹⁶ halves. */
function valuesOfHalves(): Float32Array {
  return Float32Array.from({ length: 2 ** 16 }, (_, half) => {
    const sign = half < 0x8000 ? 1 : -1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = (half & 0x3ff) / 2 ** 10;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
  });
}

/** Value of a half from its 16 bits. */
export function valueOfHalf(bits: number): number {
  return (table ??= valuesOfHalves())[bits]!;
}

/** Values of packed halves, exactly. */
export function unpackHalves(words: Int32Array): Float32Array {
  const values = (table ??= valuesOfHalves());
  return Float32Array.from({ length: 2 * words.length }, (_, i) => {
    const word = words[i >> 1]!;
    return values[i % 2 === 0 ? word & 0xffff : word >>> 16]!;
  });
}
