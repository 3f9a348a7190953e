/** Scene that a person arranges: samples of one position of a network, beside the plain grid, and what four networks see. */
import './scene.css';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { MAP_SIZE, SCALES, sceneBytes } from 'tfjs-convolutions/cli/scenes';
import type { Dataset } from 'tfjs-convolutions/training';
import { Announcement } from '../announcement.js';
import { Arrows } from '../arrows.js';
import { pixels as inPixels } from '../describe_inspection.js';
import type { Axes } from '../messages.js';
import { STEPS } from '../picture_frame.js';
import { digitUrl, type SeeState, type Session } from '../session.js';
import { ClassMaps } from './class_maps.js';
import { Hull } from './hull.js';
import { Limits } from './limits.js';
import { MovableDigit } from './movable_digit.js';
import {
  choosePosition,
  firstPlacement,
  moveTo,
  positionIn,
  resizeTo,
  scatter,
  sceneOf,
  stepPosition,
  type Placement,
} from './placement.js';
import { SceneControls } from './scene_controls.js';
import type { Follower, SceneIndex } from './scene_messages.js';
import { paperUrl, ScenePaper } from './scene_paper.js';
import { scenePicture } from './scene_picture.js';
import { SpreadChart } from './spread_chart.js';
import { useObjectGestures } from './use_object_gestures.js';

interface Props {
  readonly index: SceneIndex;
  readonly digits: Dataset;
  readonly state: SeeState;
  readonly session: Session;
}

/** Digit that is shown first: its strokes fill its box. */
const FIRST_DIGIT = 8;

export function SceneView({ index, digits, state, session }: Props): JSX.Element {
  const { samples, maps, backend } = state;
  const [placement, setPlacement] = useState<Placement>(() => firstPlacement(digits, FIRST_DIGIT));
  const [network, setNetwork] = useState<Follower>('deformable');
  const [isWhole, setIsWhole] = useState(false);
  const scene = useMemo(() => sceneOf(placement, digits), [placement, digits]);
  const url = useMemo(() => paperUrl(scene.image), [scene]);
  const [row, column] = positionIn(placement, scene);
  useEffect(() => {
    session.askScene({ values: sceneBytes(scene), network, position: [row, column], isWhole });
    // A new backend is asked again.
  }, [session, scene, network, row, column, isWhole, backend]);

  const svg = useRef<SVGSVGElement>(null);
  const move = (at: Axes): void => setPlacement((before) => moveTo(before, digits, at));
  const resize = (scale: number): void => setPlacement((before) => resizeTo(before, digits, scale));
  const handlers = useObjectGestures(svg, {
    ...{ at: placement.at, scale: placement.scale, move, resize },
    choose: ([y, x]) => setPlacement((before) => choosePosition(before, [y / 2, x / 2])),
  });
  const { points, correlation } = index.networks[network];
  const shown = samples?.network === network ? samples : undefined;

  return (
    <>
      <section class="panel see-scene" aria-labelledby="see-scene">
        <h3 id="see-scene">Drag the digit, make it larger or smaller</h3>
        <SceneControls
          {...{ placement, network }}
          names={index.digits}
          urlOf={digitUrl}
          onDigit={(digit) => setPlacement((before) => resizeTo({ ...before, digit }, digits, before.scale))}
          onResize={resize}
          onNetwork={setNetwork}
        />
        <div class="see-trio">
          <figure
            data-placement={[...placement.at, placement.scale].join()}
            data-position={`${row},${column}`}
            data-tensors={shown?.tensors}
          >
            <h4 class="see-deformable">Deformable: what one position reads</h4>
            <ScenePaper url={url} label="Scene to arrange" live={{ svg, handlers }}>
              {shown?.arrows && <Arrows arrows={shown.arrows} unit={1} />}
              {shown && <Hull taps={shown.taps} kind="deformable" />}
              <MovableDigit
                {...{ placement, digits }}
                onStep={([down, right]) =>
                  setPlacement((before) => moveTo(before, digits, [before.at[0] + down, before.at[1] + right]))
                }
                onScale={(factor) => setPlacement((before) => resizeTo(before, digits, factor * before.scale))}
              />
              <Center
                position={[row, column]}
                onStep={(step) => setPlacement((before) => stepPosition(before, digits, step))}
              />
            </ScenePaper>
            <figcaption>{shown ? `Spread ${inPixels(shown.spread)}` : 'Looking …'}</figcaption>
          </figure>
          <figure>
            <h4 class="see-plain">Plain: what it reads there</h4>
            <ScenePaper url={url} label="The same scene with the fixed grid of a plain convolution">
              {shown && <Hull taps={shown.grid} kind="plain" />}
              <Mark position={[row, column]} />
            </ScenePaper>
            <figcaption>{shown ? `Spread ${inPixels(shown.gridSpread)}, always` : 'Looking …'}</figcaption>
          </figure>
          <figure>
            <h4>
              Spread in {index.testScenes} test scenes, px (r = {correlation.toFixed(2)})
            </h4>
            {shown && (
              <SpreadChart
                {...{ points, correlation }}
                plain={shown.gridSpread}
                current={[placement.scale, shown.spread]}
              />
            )}
          </figure>
        </div>
        <div class="see-row">
          <label>
            <input
              type="checkbox"
              checked={isWhole}
              onChange={({ currentTarget }) => setIsWhole(currentTarget.checked)}
            />{' '}
            arrows of all positions
          </label>
          <button onClick={() => setPlacement((before) => scatter(before, digits, before.seed + 1))}>
            Other clutter
          </button>
          <button
            disabled={placement.chosen === undefined}
            onClick={() => setPlacement((before) => ({ ...before, chosen: undefined }))}
          >
            Position in the middle
          </button>
        </div>
        <p class="see-quiet">
          By mouse, finger or keys: drag the digit; its corner, the wheel or two fingers resize it from ×{SCALES[0]} to
          ×{SCALES[1]}; arrow keys, + and −. The cross marks the position, by itself the one on the digit nearest to its
          middle: tap anywhere to choose another.
        </p>
        <Announcement
          text={
            shown
              ? `Size ${placement.scale.toFixed(2)}: spread ${inPixels(shown.spread)}, plain ${inPixels(shown.gridSpread)}.`
              : ''
          }
        />
      </section>
      <section class="panel" aria-labelledby="see-networks">
        <h3 id="see-networks">Four networks name every position</h3>
        <p>
          Each position is to be named by the digit that it is on; the cut pieces around belong to the ground. Green is
          right, red is wrong, and a digit without colour was taken for ground.
        </p>
        {maps && <ClassMaps {...{ scene, url, maps, index }} follower={network} />}
        <Limits reached={index.networks[network]} deeper={index.networks.deeper} />
        <p>
          <button onClick={() => void session.lookInto(network, scenePicture(scene))}>
            Look into this network, layer by layer
          </button>
        </p>
      </section>
    </>
  );
}

interface CenterProps {
  /** [row, column] of the map. */
  readonly position: Axes;
}

/** Cross at a position. */
function Mark({ position: [row, column] }: CenterProps): JSX.Element {
  const path = `M${2 * column - 1.3} ${2 * row}h2.6M${2 * column} ${2 * row - 1.3}v2.6`;
  return <path class="see-center" d={path} />;
}

/** Cross that the arrow keys move. */
function Center({ position, onStep }: CenterProps & { readonly onStep: (step: Axes) => void }): JSX.Element {
  return (
    <g
      class="see-focusable"
      tabindex={0}
      role="application"
      aria-label={`Position: row ${position[0] + 1}, column ${position[1] + 1} of ${MAP_SIZE}. Arrow keys choose another.`}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onStep(step);
      }}
    >
      <Mark position={position} />
    </g>
  );
}
