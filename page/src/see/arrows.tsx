/** Mean offsets of many positions, as arrows. */
import type { JSX } from 'preact';
import type { Arrow } from './messages.js';

/** Pixels below which an offset is drawn as a dot. */
const LEAST = 0.05;
/** Length of the barbs, and the largest fraction of an arrow that they take. */
const BARB = 0.9;
const MOST = 0.5;

/** @param unit size of the lines and barbs, in pixels of the image */
export function Arrows({ arrows, unit }: { readonly arrows: readonly Arrow[]; readonly unit: number }): JSX.Element {
  return (
    <g class="see-arrows" stroke-width={0.22 * unit}>
      <path class="see-arrows-edge" d={arrows.map((arrow) => pathOf(arrow, unit)).join('')} stroke-width={0.5 * unit} />
      <path d={arrows.map((arrow) => pathOf(arrow, unit)).join('')} />
    </g>
  );
}

function pathOf({ from, to }: Arrow, unit: number): string {
  const [down, right] = [to.y - from.y, to.x - from.x];
  const length = Math.hypot(down, right);
  if (length < LEAST) return `M${at(from.x)} ${at(from.y)}h0.01`;
  const barb = Math.min(BARB * unit, MOST * length) / length;
  const side = (sign: number): string =>
    `M${at(to.x)} ${at(to.y)}L${at(to.x - barb * (right + sign * 0.6 * down))} ${at(to.y - barb * (down - sign * 0.6 * right))}`;
  return `M${at(from.x)} ${at(from.y)}L${at(to.x)} ${at(to.y)}${side(1)}${side(-1)}`;
}

const at = (value: number): string => value.toFixed(2);
