/** Effective receptive field over the picture: colours by influence, and frames of the effective and theoretical fields. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { InfluenceMap } from './messages.js';
import { drawPixels } from '../shared/draw_pixels.js';

/** Colour scale from no influence to the largest: red, orange, yellow, with growing opacity. */
const RAMP = [
  [120, 10, 60],
  [213, 94, 0],
  [255, 235, 110],
] as const;

/** @param level from 0 to 1 */
export function heatColour(level: number): readonly [number, number, number, number] {
  const position = level * (RAMP.length - 1);
  const first = Math.min(Math.floor(position), RAMP.length - 2);
  const mix = (c: 0 | 1 | 2): number => RAMP[first]![c] + (RAMP[first + 1]![c] - RAMP[first]![c]) * (position - first);
  return [mix(0), mix(1), mix(2), 255 * Math.min(1, 1.3 * level)];
}

export function Heat({ influence }: { readonly influence: InfluenceMap }): JSX.Element {
  const { map, extent, theoretical } = influence;
  const [height, width] = [map.length, map[0]!.length];
  const url = useMemo(() => {
    const most = Math.max(...map.map((row) => Math.max(...row)));
    // Square root, since a few pixels in the middle have far more influence than all others.
    return drawPixels(height, width, (pixel) =>
      heatColour(Math.sqrt(map[Math.floor(pixel / width)]![pixel % width]! / most)),
    );
  }, [map, height, width]);
  const line = Math.max(height, width) / 120;
  return (
    <>
      <image class="see-pixels" x={-0.5} y={-0.5} href={url} width={width} height={height} preserveAspectRatio="none" />
      {theoretical && (
        <rect
          class="see-theoretical"
          x={theoretical.left - 0.5}
          y={theoretical.top - 0.5}
          width={theoretical.width}
          height={theoretical.height}
          stroke-width={line}
          stroke-dasharray={`${4 * line} ${2 * line}`}
        />
      )}
      <rect
        class="see-extent"
        x={extent.left - 0.5}
        y={extent.top - 0.5}
        width={extent.right - extent.left + 1}
        height={extent.bottom - extent.top + 1}
        stroke-width={line}
      />
    </>
  );
}
