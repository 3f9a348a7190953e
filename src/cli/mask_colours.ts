/** Colours of classes in pictures and in palettes of masks. */

type Colour = readonly [number, number, number];

/** Colours for the first classes after the ground, which also those see apart who see fewer colours (Okabe and Ito). */
const FIRST: readonly Colour[] = [
  [213, 94, 0],
  [0, 114, 178],
  [0, 158, 115],
  [240, 228, 66],
  [204, 121, 167],
  [86, 180, 233],
  [230, 159, 0],
];
const GROUND: Colour = [40, 40, 40];
/** Colour of pixels without a class. */
export const NO_CLASS: Colour = [255, 255, 255];

/** Colour of a class. */
export function colourOf(index: number): Colour {
  if (index === 0) return GROUND;
  const first = FIRST[index - 1];
  if (first) return first;
  // Hues at the golden angle from each other.
  const hue = (index * 137.508) % 360;
  const channel = (shift: number): number => {
    const at = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.35 * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
