/** Draws sampling locations as dots whose area is their weight. */
import type { JSX } from 'preact';
import type { Dot, Pixels } from './messages.js';
import { tapColour } from './palette.js';

/** Merges dots at the same location. */
interface MergedDot {
  readonly y: number;
  readonly x: number;
  readonly weight: number;
  /** Undefined if several taps coincide. */
  readonly tap: number | undefined;
}

/** Largest radius of a dot, as a fraction of the image's longer side, so that merged dots do not hide others. */
const LARGEST = 0.055;

interface Props {
  readonly dots: readonly Dot[];
  readonly pixels: Pixels;
}

export function Dots({ dots, pixels }: Props): JSX.Element {
  const merged = merge(dots);
  const most = Math.sqrt(Math.max(...merged.map(({ weight }) => weight)));
  const unit = Math.min(unitRadius(dots.length, pixels), (LARGEST * Math.max(pixels.height, pixels.width)) / most);
  return (
    <g class="see-dots" stroke-width={unitRadius(dots.length, pixels) / 5}>
      {merged.map(({ y, x, weight, tap }, index) => (
        <circle key={index} cx={x} cy={y} r={unit * Math.sqrt(Math.max(weight, 0))} fill={tapColour(tap)} />
      ))}
    </g>
  );
}

/** Radius of a dot of weight 1, in pixels of the image: smaller if there are many. */
export function unitRadius(count: number, { height, width }: Pixels): number {
  return 0.04 * Math.max(height, width) * Math.min(1, (9 / count) ** 0.2);
}

function merge(dots: readonly Dot[]): readonly MergedDot[] {
  const dotAt = new Map<string, MergedDot>();
  for (const { y, x, weight, tap } of dots) {
    const key = `${y.toFixed(3)} ${x.toFixed(3)}`;
    const known = dotAt.get(key);
    if (known === undefined) dotAt.set(key, { y, x, weight, tap });
    else dotAt.set(key, { ...known, weight: known.weight + weight, tap: known.tap === tap ? tap : undefined });
  }
  return [...dotAt.values()];
}

/** Draws the offset of each tap, from the plain grid to the sampling location. */
export function Moves({
  from,
  to,
  pixels,
}: {
  readonly from: readonly Dot[];
  readonly to: readonly Dot[];
  readonly pixels: Pixels;
}): JSX.Element {
  const unit = unitRadius(to.length, pixels);
  return (
    <g class="see-moves" stroke-width={unit / 4}>
      {to.map((dot, index) => {
        const rest = from[index % from.length]!;
        return (
          <g key={index}>
            <line x1={rest.x} y1={rest.y} x2={dot.x} y2={dot.y} />
            <circle cx={rest.x} cy={rest.y} r={unit / 2} />
          </g>
        );
      })}
    </g>
  );
}
