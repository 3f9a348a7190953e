/**
 * Packed halves in WGSL: two in an i32, four in a vec2<i32>. Core functions unpack them, so no device feature is needed.
 * They are packed bit by bit: pack2x16float may round to either neighbour.
 */
import type { Precision } from '../../kernel/half.js';
import { TYPES, type Lanes } from './lanes.js';

/** `pairOf(values)` rounds two values to the nearest halves, ties to even, and to ±65504 beyond, as src/kernel/half.ts. */
export const PACKING = `
  fn halfOf(value : f32) -> u32 {
    let bits = bitcast<u32>(value);
    let sign = (bits >> 16u) & 0x8000u;
    let magnitude = bits & 0x7fffffffu;
    if (magnitude >= 0x7f800000u) {
      return sign | select(0x7c00u, 0x7e00u, magnitude > 0x7f800000u);
    }
    if (magnitude >= 0x477fe000u) {
      return sign | 0x7bffu;
    }
    if (magnitude >= 0x38800000u) {
      let rebiased = magnitude - 0x38000000u;
      return sign | ((rebiased + 0xfffu + ((rebiased >> 13u) & 1u)) >> 13u);
    }
    let shift = 126u - (magnitude >> 23u);
    if (shift > 24u) {
      return sign;
    }
    let significand = (magnitude & 0x7fffffu) | 0x800000u;
    return sign | ((significand + (1u << (shift - 1u)) - 1u + ((significand >> shift) & 1u)) >> shift);
  }
  fn pairOf(values : vec2<f32>) -> i32 {
    return bitcast<i32>(halfOf(values.x) | (halfOf(values.y) << 16u));
  }`;

/** {@link PACKING}, and `fourOf(values)` for four values. */
export const PACKING_FOUR = `${PACKING}
  fn fourOf(values : vec4<f32>) -> vec2<i32> {
    return vec2<i32>(pairOf(values.xy), pairOf(values.zw));
  }`;

/** `NAMEAt(i)`, element i of an array that is stored in this precision; the elements of four lanes are vectors. */
export function reading(name: string, lanes: Lanes, precision: Precision): string {
  const body = {
    single: { 1: `return ${name}[i];`, 4: `return ${name}[i];` },
    half: {
      1: `
        let pair = unpack2x16float(bitcast<u32>(${name}[i / 2]));
        return select(pair.x, pair.y, i % 2 == 1);`,
      4: `
        let words = bitcast<vec2<u32>>(${name}[i]);
        return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));`,
    },
  }[precision][lanes];
  return `fn ${name}At(i : i32) -> ${TYPES[lanes]} { ${body} }`;
}

/** Names of those arrays that are stored in half. */
export function halvesOf(precisions: Readonly<Record<string, Precision>>): readonly string[] {
  return Object.keys(precisions).filter((name) => precisions[name] === 'half');
}

/** `activated(value)`: applies the activation with the code `uniforms.activation`. Comparisons with NaN are false: it stays. */
export const activating = (lanes: Lanes): string => `
  fn activated(value : ${TYPES[lanes]}) -> ${TYPES[lanes]} {
    let zero = ${TYPES[lanes]}(0.0);
    let six = ${TYPES[lanes]}(6.0);
    let floored = select(value, zero, value < zero);
    let bounded = select(floored, six, floored > six);
    let rectified = select(value, floored, uniforms.activation > 0);
    return select(rectified, bounded, uniforms.activation == 2);
  }`;
