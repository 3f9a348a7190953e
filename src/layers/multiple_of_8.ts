/** Channel rounding of MobileNetV2 and V3, which keeps numbers of channels suited to vector units. */

/** Rounds to the nearest multiple of 8, at least 8; rounds up if that would lose more than 10 %. */
export function toMultipleOf8(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}
