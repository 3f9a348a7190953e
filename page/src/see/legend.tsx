/** Legend of the marks on the pictures. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { heatColour } from './heat.js';
import type { Inspection, LayerSampling, SeenLayer } from './messages.js';
import { SHARED, tapColour } from './palette.js';
import { drawPixels } from '../shared/draw_pixels.js';

interface Props {
  readonly inspection: Inspection;
  readonly layer: SeenLayer;
}

export function Legend({ inspection, layer: { name, sampling } }: Props): JSX.Element {
  if (inspection.view === 'influence') return <HeatLegend />;
  if (inspection.view === 'field') return <FieldLegend />;
  return <SamplesLegend {...{ name }} sampling={sampling!} trace={inspection.question.trace} />;
}

interface SamplesProps {
  readonly name: string;
  readonly sampling: LayerSampling;
  readonly trace: number;
}

const WEIGHTS = [0.25, 0.5, 1];

function SamplesLegend({ name, sampling, trace }: SamplesProps): JSX.Element {
  const [height, width] = sampling.kernelSize;
  const isHollow = sampling.taps < height * width;
  return (
    <ul class="see-legend">
      <li>
        <svg class="see-kernel" viewBox={`-0.5 -0.5 ${width} ${height}`} aria-hidden="true">
          {Array.from({ length: sampling.taps }, (_, tap) => {
            const cell = isHollow && tap >= (height * width - 1) / 2 ? tap + 1 : tap;
            return <circle key={tap} cx={cell % width} cy={Math.floor(cell / width)} r={0.36} fill={tapColour(tap)} />;
          })}
        </svg>
        colour: tap of the {height}×{width} kernel{trace > 1 && ` of ${name} that leads to it`}
      </li>
      {trace > 1 && (
        <li>
          <Mark>
            <circle r={5} fill={SHARED} />
          </Mark>
          reached through several taps
        </li>
      )}
      <li>
        <svg class="see-weights" viewBox="0 0 60 20" aria-hidden="true">
          {WEIGHTS.map((weight, index) => (
            <circle key={weight} cx={10 + 20 * index} cy={10} r={8 * Math.sqrt(weight)} fill={tapColour(0)} />
          ))}
        </svg>
        area: its weight, {trace > 1 ? 'the product of its masks' : 'its mask'}
      </li>
      {trace === 1 && (
        <li>
          <Mark>
            <g class="see-moves" stroke-width={1.5}>
              <line x1={-7} y1={4} x2={6} y2={-5} />
              <circle cx={-7} cy={4} r={3} />
            </g>
          </Mark>
          ring and line: offset from the plain grid
        </li>
      )}
    </ul>
  );
}

function Mark({ children }: { readonly children: JSX.Element }): JSX.Element {
  return (
    <svg class="see-mark" viewBox="-12 -10 24 20" aria-hidden="true">
      {children}
    </svg>
  );
}

function FieldLegend(): JSX.Element {
  return (
    <ul class="see-legend">
      <li>
        <Mark>
          <g class="see-arrows" stroke-width={1.5}>
            <path d="M-8 5L7 -5M7 -5l-5 0.5M7 -5l-3 4.5" />
          </g>
        </Mark>
        from a position to the mean of its samples
      </li>
    </ul>
  );
}

function HeatLegend(): JSX.Element {
  const url = useMemo(() => drawPixels(1, 64, (pixel) => heatColour(pixel / 63)), []);
  return (
    <ul class="see-legend">
      <li>
        <img class="see-ramp" src={url} alt="" />
        colour: influence of the pixel on this position, from none to the largest (square root)
      </li>
      <li>
        <Mark>
          <rect class="see-extent" x={-9} y={-6} width={18} height={12} stroke-width={2} />
        </Mark>
        95 % of the influence along each side
      </li>
      <li>
        <Mark>
          <rect class="see-theoretical" x={-9} y={-6} width={18} height={12} stroke-width={2} stroke-dasharray="4 2" />
        </Mark>
        theoretical receptive field without offsets; it may extend beyond the picture
      </li>
    </ul>
  );
}
