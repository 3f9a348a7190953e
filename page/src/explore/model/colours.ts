/** The diverging scale of values: blue below zero, grey at zero, orange above, and brighter the larger the value. */

/** Red, green and blue from the most negative value to the most positive one, at equal distances. */
const STOPS = [
  [10, 35, 69],
  [61, 106, 153],
  [140, 142, 145],
  [222, 160, 84],
  [255, 236, 200],
] as const;

export interface Colour {
  readonly fill: string;
  /** Text on it that is readable. */
  readonly ink: 'dark' | 'light';
}

const toLinear = (byte: number): number => {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};

/** Luminance at which black and white text have the same contrast (WCAG 2). */
const TURNING = 0.179;

/** @param most value at either end of the scale, without its sign */
export function colourOf(value: number, most: number): Colour {
  const along = most === 0 ? 0 : Math.max(-1, Math.min(1, value / most));
  const place = ((along + 1) / 2) * (STOPS.length - 1);
  const index = Math.min(STOPS.length - 2, Math.floor(place));
  const [from, to] = [STOPS[index]!, STOPS[index + 1]!];
  const bytes = from.map((start, part) => Math.round(start + (to[part]! - start) * (place - index)));
  const [red = 0, green = 0, blue = 0] = bytes.map(toLinear);
  return {
    fill: `rgb(${bytes.join()})`,
    ink: 0.2126 * red + 0.7152 * green + 0.0722 * blue > TURNING ? 'dark' : 'light',
  };
}

/** Largest magnitude, the end of the scale. */
export const mostOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
