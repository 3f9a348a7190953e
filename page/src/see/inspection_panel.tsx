/** Main panel of "See": the selected position, and sampling locations or influence in both networks. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { InfluenceView } from './influence_view.js';
import { Legend } from './legend.js';
import type { Axes, NetworkDescription, SeenLayer, Shown, View } from './messages.js';
import { SamplesView } from './samples_view.js';
import type { SeeState, Session } from './session.js';
import { InspectionSummary } from './inspection_summary.js';

interface Props {
  readonly network: NetworkDescription;
  readonly shown: Shown;
  readonly state: SeeState;
  readonly session: Session;
}

const VIEWS = {
  samples: 'Sampling locations',
  influence: 'Influence of each pixel',
} as const satisfies Record<View, string>;

export function InspectionPanel({ network, shown, state: { inspection, backend }, session }: Props): JSX.Element {
  const { layers, hasPlain } = network;
  const [view, setView] = useState<View>('samples');
  const [layer, setLayer] = useState<SeenLayer>(layers.at(-1)!);
  const [isTraced, setIsTraced] = useState(false);
  const [chosen, setChosen] = useState<Axes>(middleOf(layer));
  const [hovered, setHovered] = useState<Axes>();
  const position = inside(hovered ?? chosen, layer);
  const [row, column] = position;
  const trace = isTraced ? layer.chain.length : 1;
  useEffect(() => {
    session.ask({ view, layer: layer.name, trace, position: [row, column] });
    // A new picture or backend requires a new answer too.
  }, [session, view, layer, trace, row, column, shown, backend]);
  const pointing = {
    onHover: (location: Axes | undefined) => setHovered(location && positionAt(location, layer)),
    onChoose: (location: Axes) => setChosen(positionAt(location, layer)),
    onStep: ([rows, columns]: Axes) => {
      setHovered(undefined);
      setChosen(inside([row + rows, column + columns], layer));
    },
  };
  return (
    <section class="panel see-inspection" aria-labelledby="see-inspection">
      <h3 id="see-inspection">Where they look</h3>
      <div class="see-row">
        <fieldset class="see-switch">
          <legend class="visually-hidden">View</legend>
          {Object.entries(VIEWS).map(([value, text]) => (
            <label key={value} class="button">
              <input
                class="visually-hidden"
                type="radio"
                name="see-view"
                checked={view === value}
                onChange={() => setView(value as View)}
              />
              {text}
            </label>
          ))}
        </fieldset>
        <label>
          Layer{' '}
          <select
            value={layer.name}
            onChange={({ currentTarget }) => {
              const next = layers.find(({ name }) => name === currentTarget.value)!;
              setLayer(next);
              setChosen(inside(chosen, next));
            }}
          >
            {layers.map(({ name }, index) => (
              <option key={name} value={name}>
                {name} ({ordinal(index, layers.length)})
              </option>
            ))}
          </select>
        </label>
        {view === 'samples' && (
          <label>
            <input
              type="checkbox"
              checked={isTraced && layer.chain.length > 1}
              disabled={layer.chain.length === 1}
              onChange={({ currentTarget }) => setIsTraced(currentTarget.checked)}
            />{' '}
            trace to the input, through {through(layer)}
          </label>
        )}
      </div>
      <p>
        Point at the picture, tap it, or focus it and use the arrow keys: layer {layer.name} has {layer.outputSize[0]} ×{' '}
        {layer.outputSize[1]} positions, and the cross marks the selected one.
      </p>
      {inspection?.view === 'samples' && (
        <SamplesView
          inspection={inspection}
          layer={layer}
          pixels={shown.pixels}
          pointing={pointing}
          hasPlain={hasPlain}
        />
      )}
      {inspection?.view === 'influence' && (
        <InfluenceView
          inspection={inspection}
          pixels={shown.pixels}
          pointing={pointing}
          center={centerOf(inspection.question.position, layer)}
        />
      )}
      {inspection && <Legend inspection={inspection} layer={layer} />}
      {inspection && <InspectionSummary inspection={inspection} pixels={shown.pixels} />}
    </section>
  );
}

function centerOf(position: Axes, { origin, stride }: SeenLayer): { readonly y: number; readonly x: number } {
  return { y: origin[0] + position[0] * stride[0], x: origin[1] + position[1] * stride[1] };
}

function ordinal(index: number, count: number): string {
  if (count === 1) return 'the only deformable one';
  if (index === count - 1) return 'last deformable';
  return index === 0 ? 'first deformable' : `deformable ${index + 1} of ${count}`;
}

function through({ chain }: SeenLayer): string {
  return chain.length === 1 ? 'no other deformable layer' : chain.slice(1).join(' and ');
}

function middleOf({ outputSize: [height, width] }: SeenLayer): Axes {
  return [Math.floor(height / 2), Math.floor(width / 2)];
}

function inside([row, column]: Axes, { outputSize: [height, width] }: SeenLayer): Axes {
  const clamp = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1);
  return [clamp(row, height), clamp(column, width)];
}

/** Finds the position whose centre is nearest to a location in the picture. */
function positionAt(location: Axes, layer: SeenLayer): Axes {
  const nearest = (axis: 0 | 1): number => Math.round((location[axis] - layer.origin[axis]) / layer.stride[axis]);
  return inside([nearest(0), nearest(1)], layer);
}
