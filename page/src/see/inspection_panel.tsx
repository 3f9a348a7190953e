/** Main panel of a network of the user: the selected position, and its samples, its influence, or the offsets of all positions. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FieldView } from './field_view.js';
import { InfluenceView } from './influence_view.js';
import { InspectionSummary } from './inspection_summary.js';
import { Legend } from './legend.js';
import type { Axes, Inspection, NetworkDescription, Pixels, SeenLayer, Shown, View } from './messages.js';
import type { Pointing } from './picture_frame.js';
import { SamplesView } from './samples_view.js';
import type { SeeState, Session } from './session.js';

interface Props {
  readonly network: NetworkDescription;
  readonly shown: Shown;
  readonly state: SeeState;
  readonly session: Session;
}

const VIEWS = {
  samples: 'Sampling locations',
  field: 'Offsets of all positions',
  influence: 'Influence of each pixel',
} as const satisfies Record<View, string>;

export function InspectionPanel({ network, shown, state: { inspection, backend }, session }: Props): JSX.Element {
  const deformable = network.layers.filter(({ sampling }) => sampling !== undefined);
  const [view, setView] = useState<View>(deformable.length > 0 ? 'samples' : 'influence');
  const layers = view === 'influence' ? network.layers : deformable;
  const [wanted, setWanted] = useState(lastOf(deformable, network.layers).name);
  // Only some layers have samples.
  const layer = lastOf(
    layers.filter(({ name }) => name === wanted),
    layers,
  );
  const [isAll, setIsAll] = useState(false);
  const [isTraced, setIsTraced] = useState(false);
  const [chosen, setChosen] = useState<Axes>(middleOf(layer));
  const [hovered, setHovered] = useState<Axes>();
  const [row, column] = inside(view === 'field' ? chosen : (hovered ?? chosen), layer);
  const trace = isTraced ? levelsOf(layer) : 1;
  useEffect(() => {
    session.ask({ view, layer: layer.name, isAll, trace, position: [row, column] });
    // A new picture or backend requires a new answer too.
  }, [session, view, layer.name, isAll, trace, row, column, shown, backend]);
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
      <h3 id="see-inspection">Where it looks</h3>
      <div class="see-row">
        {deformable.length > 0 && <ViewSwitch view={view} onView={setView} />}
        <LayerChoice
          layers={layers}
          chosen={isAll && view === 'field' ? '' : layer.name}
          hasAll={view === 'field'}
          onChoose={(name) => {
            setIsAll(name === '');
            if (name !== '') setWanted(name);
          }}
        />
        {view === 'samples' && <TraceChoice layer={layer} isTraced={isTraced} onTrace={setIsTraced} />}
      </div>
      {view !== 'field' && (
        <p>
          Point at the picture, tap it, or focus it and use the arrow keys: layer {layer.name} has {layer.outputSize[0]}{' '}
          × {layer.outputSize[1]} positions, and the cross marks the selected one.
        </p>
      )}
      {/* The last answer may be about another view or layer than the one that was just chosen. */}
      {isAbout(inspection, view, layer) && <Inspected {...{ inspection, layer, pointing }} pixels={shown.pixels} />}
    </section>
  );
}

function isAbout(inspection: Inspection | undefined, view: View, { name }: SeenLayer): inspection is Inspection {
  return inspection?.question.view === view && inspection.question.layer === name;
}

interface LayerProps {
  readonly layers: readonly SeenLayer[];
  /** Name of the layer; empty for all. */
  readonly chosen: string;
  /** True if all can be chosen too. */
  readonly hasAll: boolean;
  readonly onChoose: (name: string) => void;
}

function LayerChoice({ layers, chosen, hasAll, onChoose }: LayerProps): JSX.Element {
  return (
    <label>
      Layer{' '}
      <select value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {hasAll && layers.length > 1 && <option value="">all deformable ones</option>}
        {layers.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface InspectedProps {
  readonly inspection: Inspection;
  readonly layer: SeenLayer;
  readonly pixels: Pixels;
  readonly pointing: Pointing;
}

function Inspected({ inspection, layer, pixels, pointing }: InspectedProps): JSX.Element {
  const frame = { pixels, pointing };
  return (
    <>
      {inspection.view === 'samples' && <SamplesView inspection={inspection} sampling={layer.sampling!} {...frame} />}
      {inspection.view === 'field' && <FieldView inspection={inspection} {...frame} />}
      {inspection.view === 'influence' && (
        <InfluenceView inspection={inspection} {...frame} center={centerOf(inspection.question.position, layer)} />
      )}
      <Legend inspection={inspection} layer={layer} />
      <InspectionSummary inspection={inspection} pixels={pixels} />
    </>
  );
}

interface TraceProps {
  readonly layer: SeenLayer;
  readonly isTraced: boolean;
  readonly onTrace: (isTraced: boolean) => void;
}

function TraceChoice({ layer: { sampling }, isTraced, onTrace }: TraceProps): JSX.Element {
  const [, ...others] = sampling!.chain;
  return (
    <label>
      <input
        type="checkbox"
        checked={isTraced && others.length > 0}
        disabled={others.length === 0}
        onChange={({ currentTarget }) => onTrace(currentTarget.checked)}
      />{' '}
      trace to the input, through {others.length === 0 ? 'no other deformable layer' : others.join(' and ')}
    </label>
  );
}

function ViewSwitch({ view, onView }: { readonly view: View; readonly onView: (view: View) => void }): JSX.Element {
  return (
    <fieldset class="see-switch">
      <legend class="visually-hidden">View</legend>
      {Object.entries(VIEWS).map(([value, text]) => (
        <label key={value} class="button">
          <input
            class="visually-hidden"
            type="radio"
            name="see-view"
            checked={view === value}
            onChange={() => onView(value as View)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

function centerOf(position: Axes, { origin, stride }: SeenLayer): { readonly y: number; readonly x: number } {
  return { y: origin[0] + position[0] * stride[0], x: origin[1] + position[1] * stride[1] };
}

/** The last layer of a list or, if it is empty, of another. */
function lastOf(layers: readonly SeenLayer[], others: readonly SeenLayer[]): SeenLayer {
  return layers.at(-1) ?? others.at(-1)!;
}

/** Number of deformable layers that samples can be traced through. */
function levelsOf({ sampling }: SeenLayer): number {
  return sampling?.chain.length ?? 1;
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
