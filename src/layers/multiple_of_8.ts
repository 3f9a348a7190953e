/** The rounding of MobileNetV2 and V3, which keeps numbers of channels fit for vector units. */

/** The nearest multiple of 8, at least 8; the next one where that would be more than a tenth below the value. */
export function toMultipleOf8(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}
