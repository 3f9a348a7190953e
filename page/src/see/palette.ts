/** Colours of taps, drawn on pictures and therefore the same in light and dark mode. */
const TAPS = [
  '#56b4e9',
  '#0072b2',
  '#9b8cf2',
  '#009e73',
  '#f0e442',
  '#b06a2c',
  '#e69f00',
  '#d55e00',
  '#cc79a7',
] as const;

/** Colour of samples that belong to several taps. */
export const SHARED = '#aab6c2';

export function tapColour(tap: number | undefined): string {
  return tap === undefined ? SHARED : TAPS[tap % TAPS.length]!;
}
