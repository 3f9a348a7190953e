/** Controls of a scene: digit, size and network. */
import type { JSX } from 'preact';
import { SCALES } from 'tfjs-convolutions/cli/scenes';
import type { Placement } from './placement.js';
import { FOLLOWERS, type Follower } from './scene_messages.js';

interface Props {
  readonly placement: Placement;
  readonly network: Follower;
  /** Names of the digits. */
  readonly names: readonly string[];
  readonly urlOf: (name: string) => string;
  readonly onDigit: (digit: number) => void;
  readonly onResize: (scale: number) => void;
  readonly onNetwork: (network: Follower) => void;
}

const NETWORKS = {
  deformable: 'nine free samples',
  boxes: 'rectangles of nine',
} as const satisfies Record<Follower, string>;

export function SceneControls({ placement, network, names, urlOf, onDigit, onResize, onNetwork }: Props): JSX.Element {
  return (
    <div class="see-row">
      <fieldset class="see-digits see-digits-row">
        <legend class="visually-hidden">Digit</legend>
        {names.map((name, digit) => (
          <label key={name}>
            <input type="radio" name="see-digit" checked={placement.digit === digit} onChange={() => onDigit(digit)} />
            <img src={urlOf(name)} alt={name} width="28" height="28" />
          </label>
        ))}
      </fieldset>
      <label>
        Size{' '}
        <input
          type="range"
          min={SCALES[0]}
          max={SCALES[1]}
          step="0.01"
          value={placement.scale}
          onInput={({ currentTarget }) => onResize(Number(currentTarget.value))}
        />{' '}
        <span class="see-size">×{placement.scale.toFixed(2)}</span>
      </label>
      <label>
        The network moves{' '}
        <select value={network} onChange={({ currentTarget }) => onNetwork(currentTarget.value as Follower)}>
          {FOLLOWERS.map((name) => (
            <option key={name} value={name}>
              {NETWORKS[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
