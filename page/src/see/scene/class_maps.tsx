/** The names that several networks give every position, on the scene, with what they reach on the test scenes. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { GROUND, MAP_SIZE, namesOf, SCENE_SIZE, type DigitScene } from 'tfjs-convolutions/cli/scenes';
import { drawPixels } from '../../shared/draw_pixels.js';
import { percent } from '../describe_inspection.js';
import { CONTROLS, type Follower, type SceneIndex, type SceneMaps, type SceneNetwork } from './scene_messages.js';
import { ScenePaper } from './scene_paper.js';

interface Props {
  readonly scene: DigitScene;
  readonly url: string;
  readonly maps: SceneMaps;
  readonly index: SceneIndex;
  readonly follower: Follower;
}

const TITLES = {
  deformable: 'Deformable',
  boxes: 'Deformable, rectangles',
  plain: 'Plain',
  wide: 'Plain, wider',
  deeper: 'Plain, deeper',
} as const satisfies Record<SceneNetwork, string>;

/** Of E. Okabe and M. Ito's palette. */
const [RIGHT, WRONG] = [
  [0, 158, 115, 205],
  [213, 94, 0, 205],
] as const;
const NOTHING = [0, 0, 0, 0] as const;

export function ClassMaps({ scene, url, maps, index, follower }: Props): JSX.Element {
  const truth = useMemo(() => namesOf(scene), [scene]);
  return (
    <div class="see-maps">
      {[follower, ...CONTROLS].map((name) => {
        const { parameters, right, rightBySize } = index.networks[name];
        const map = maps[name];
        const onDigit = truth.filter((label) => label !== GROUND).length;
        const hits = truth.filter((label, at) => label !== GROUND && map[at] === label).length;
        return (
          <figure key={name} data-network={name} data-hits={hits}>
            <h4>{TITLES[name]}</h4>
            <ScenePaper url={url} label={`Names by the network “${TITLES[name]}”: ${hits} of ${onDigit} right`}>
              <ClassMap map={map} truth={truth} />
            </ScenePaper>
            <figcaption>
              <strong>{(100 * right).toFixed(1)} %</strong> right in the test; small, middle, large digits:{' '}
              {rightBySize.map(percent).join(', ')}. Here: {hits} of {onDigit}. {parameters.toLocaleString('en')}{' '}
              parameters.
            </figcaption>
          </figure>
        );
      })}
    </div>
  );
}

/** Positions named as a digit, rightly or wrongly. */
function ClassMap({ map, truth }: { readonly map: Uint8Array; readonly truth: Uint8Array }): JSX.Element {
  const url = useMemo(
    () =>
      drawPixels(MAP_SIZE, MAP_SIZE, (position) => {
        if (map[position] === GROUND) return NOTHING;
        return map[position] === truth[position] ? RIGHT : WRONG;
      }),
    [map, truth],
  );
  // Position (i, j) covers pixels 2i and 2i + 1.
  return <image class="see-pixels" href={url} x={-0.5} y={-0.5} width={SCENE_SIZE} height={SCENE_SIZE} />;
}
