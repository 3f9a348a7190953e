/** Spread of the samples against the size of the digit: single test scenes, and the one that is shown. */
import type { JSX } from 'preact';
import { SCALES } from 'tfjs-convolutions/cli/scenes';
import type { Axes } from '../messages.js';

interface Props {
  /** [size, spread in pixels] of test scenes. */
  readonly points: readonly Axes[];
  /** The same of the scene that is shown. */
  readonly current: Axes | undefined;
  /** Spread of the plain grid, in pixels. */
  readonly plain: number;
  readonly correlation: number;
}

const [WIDTH, HEIGHT] = [340, 300];
const EDGE = { top: 12, right: 12, bottom: 42, left: 34 } as const;
const SIZES = [0.4, 0.8, 1.2, 1.6];
/** Pixels of spread from one line to the next. */
const STEP = 2;

export function SpreadChart({ points, current, plain, correlation }: Props): JSX.Element {
  const top = STEP * Math.ceil((Math.max(...points.map(([, spread]) => spread), current?.[1] ?? 0) + 0.3) / STEP);
  const [least, most] = [SCALES[0] - 0.06, SCALES[1] + 0.06];
  const x = (size: number): number => EDGE.left + ((size - least) / (most - least)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (spread: number): number => HEIGHT - EDGE.bottom - (spread / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const lines = Array.from({ length: top / STEP + 1 }, (_, index) => index * STEP);
  return (
    <svg
      class="see-chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Spread of the samples against the size of the digit: correlation ${correlation.toFixed(2)}`}
    >
      {lines.map((spread) => (
        <g key={spread}>
          <line class="see-rule" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(spread)} y2={y(spread)} />
          <text x={EDGE.left - 6} y={y(spread) + 4} text-anchor="end">
            {spread}
          </text>
        </g>
      ))}
      {SIZES.map((size) => (
        <text key={size} x={x(size)} y={HEIGHT - EDGE.bottom + 17} text-anchor="middle">
          ×{size}
        </text>
      ))}
      <text x={(EDGE.left + WIDTH - EDGE.right) / 2} y={HEIGHT - 6} text-anchor="middle">
        size of the digit
      </text>
      {points.map(([size, spread], index) => (
        <circle key={index} class="see-point" cx={x(size)} cy={y(spread)} r={3} />
      ))}
      <line class="see-plain-rule" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(plain)} y2={y(plain)} />
      <text class="see-plain-text" x={WIDTH - EDGE.right} y={y(plain) + 16} text-anchor="end">
        plain: always {plain.toFixed(1)} px
      </text>
      {current && <circle class="see-current" cx={x(current[0])} cy={y(current[1])} r={6.5} data-size={current[0]} />}
    </svg>
  );
}
