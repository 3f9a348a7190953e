/** Buttons under the picture that move the selected cell over the output. */
import type { JSX } from 'preact';
import { useTexts } from '../texts/use_texts.js';
import type { Play, Speed } from './use_play.js';

export function PlayBar({ play }: { readonly play: Play }): JSX.Element {
  const { play: texts } = useTexts();
  return (
    <div class="toolbar" role="group" aria-label={texts.title}>
      <button type="button" aria-label={texts.back} onClick={() => play.step(-1)}>
        <span aria-hidden="true">◀</span>
      </button>
      <button type="button" class="primary play" onClick={play.toggle}>
        {play.isPlaying ? texts.pause : texts.play}
      </button>
      <button type="button" aria-label={texts.on} onClick={() => play.step(1)}>
        <span aria-hidden="true">▶</span>
      </button>
      <label class="inline-control">
        {texts.speed}
        <select value={play.speed} onChange={({ currentTarget }) => play.setSpeed(currentTarget.value as Speed)}>
          {Object.entries(texts.speeds).map(([speed, label]) => (
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
        {texts.loop}
      </label>
    </div>
  );
}
