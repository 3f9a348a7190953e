/** Buttons under the picture that move the selected cell over the output. */
import type { JSX } from 'preact';
import { SPEEDS, type Play, type Speed } from './use_play.js';

export function PlayBar({ play }: { readonly play: Play }): JSX.Element {
  return (
    <div class="toolbar" role="group" aria-label="Slide over the output">
      <button type="button" aria-label="One cell back" onClick={() => play.step(-1)}>
        <span aria-hidden="true">◀</span>
      </button>
      <button type="button" class="primary play" onClick={play.toggle}>
        {play.isPlaying ? 'Pause' : 'Play'}
      </button>
      <button type="button" aria-label="One cell on" onClick={() => play.step(1)}>
        <span aria-hidden="true">▶</span>
      </button>
      <label class="inline-control">
        Speed
        <select value={play.speed} onChange={({ currentTarget }) => play.setSpeed(currentTarget.value as Speed)}>
          {Object.entries(SPEEDS).map(([speed, label]) => (
            <option key={speed} value={speed}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="inline-control">
        <input
          type="checkbox"
          checked={play.isLooping}
          onChange={({ currentTarget }) => play.setLooping(currentTarget.checked)}
        />
        Loop
      </label>
    </div>
  );
}
