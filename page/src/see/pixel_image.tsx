/** Input of a network, enlarged so that its pixels are visible. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { drawPixels } from '../shared/draw_pixels.js';
import type { Pixels } from './messages.js';

export function PixelImage({ pixels, label }: { readonly pixels: Pixels; readonly label: string }): JSX.Element {
  const url = useMemo(() => pixelsUrl(pixels), [pixels]);
  return <img class="see-thumbnail see-pixels" src={url} alt={label} />;
}

/** Encodes pixels as the data URL of a PNG. */
export function pixelsUrl({ height, width, channels, values }: Pixels): string {
  const colour = (pixel: number, c: number): number => values[pixel * channels + (channels === 3 ? c : 0)]!;
  return drawPixels(height, width, (pixel) => [colour(pixel, 0), colour(pixel, 1), colour(pixel, 2), 255]);
}
