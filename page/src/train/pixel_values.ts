/** Pixel values that networks take, as far as they do not say it themselves. */
import type { Preprocessing } from 'tfjs-convolutions/training';

/** A network takes pixel · scale + offset. */
export const SCALING = {
  symmetric: { scale: 1 / 127.5, offset: -1 },
  unit: { scale: 1 / 255, offset: 0 },
  bytes: { scale: 1, offset: 0 },
} as const satisfies Record<string, Pick<Preprocessing, 'scale' | 'offset'>>;

export type PixelValues = keyof typeof SCALING;

export const PIXEL_VALUES: Readonly<Record<PixelValues, string>> = {
  symmetric: '−1 to 1',
  unit: '0 to 1',
  bytes: '0 to 255',
};

/** Name of a scaling; undefined for another one. */
export function pixelValuesOf({ scale, offset }: Preprocessing): PixelValues | undefined {
  return (Object.keys(SCALING) as PixelValues[]).find(
    (name) => SCALING[name].scale === scale && SCALING[name].offset === offset,
  );
}
