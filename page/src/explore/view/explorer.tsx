/** One convolution: settings, diagram and metrics. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from '../model/convolution.js';
import { useBackends } from '../model/use_answers.js';
import { useView } from '../model/use_view.js';
import { BackendSelect } from '../../shared/backend_select.js';
import { Controls } from './controls.js';
import { binDragging, tapDragging } from './dragging.js';
import { Figures } from './figures.js';
import { PictureView } from './picture_view.js';
import { Reading } from './reading.js';
import { Sums } from './sums.js';
import { usePlay } from './use_play.js';

export interface ExplorerProps {
  readonly convolution: Convolution;
  /** Query of the URL. */
  readonly query: string;
}

export function Explorer({ convolution, query }: ExplorerProps): JSX.Element {
  const view = useView(convolution, query);
  const { settings, valid, picture, fault, cell, channel, seed, numbers, answers } = view;
  const [tap, setTap] = useState(Math.floor((settings.kernelHeight * settings.kernelWidth) / 2));
  const backends = useBackends(seed !== null);
  const readingId = useId();
  const play = usePlay(picture.maps.at(-1)!.size, cell, view.choose);
  const choose = (next: Place): void => {
    play.stop();
    view.choose(next);
  };
  const dragging =
    convolution.drags && (convolution.drags === 'taps' ? tapDragging(view, tap, setTap) : binDragging(view));
  return (
    <article class="explorer">
      <h2>{convolution.title}</h2>
      <p class="purpose">{convolution.purpose}</p>
      <div class="examples">
        <span class="quiet">Examples:</span>
        {convolution.examples.map((example) => (
          <button
            type="button"
            key={example.label}
            onClick={() => {
              view.open(example);
              if (typeof example.set !== 'function') choose([0, 0]);
            }}
          >
            {example.label}
          </button>
        ))}
      </div>
      <Controls
        {...{ convolution, settings, fault }}
        onChange={(field, value) => view.change({ [field]: value }, field)}
      />
      <section class="picture panel" aria-label="Picture">
        <div class="toolbar">
          <button type="button" aria-pressed={play.isPlaying} onClick={play.toggle}>
            {play.isPlaying ? 'Stop' : 'Play: slide over the output'}
          </button>
          <button
            type="button"
            class={seed === null ? 'primary' : ''}
            aria-pressed={seed !== null}
            onClick={() => view.run(seed === null ? 1 : null)}
          >
            {seed === null ? 'Show numbers' : 'Hide numbers'}
          </button>
          {seed === null ? null : (
            <button type="button" onClick={() => view.run(seed + 1)}>
              New numbers
            </button>
          )}
          {seed !== null && backends.length > 0 && (
            <BackendSelect backends={backends} value={view.backend} onChoose={view.computeBy} />
          )}
        </div>
        <div class="picture-row">
          <PictureView
            {...view}
            describedBy={readingId}
            isShaded={convolution.isShaded === true}
            onChoose={choose}
            onShow={view.show}
            handles={dragging?.handles}
          />
          {dragging?.panel}
        </div>
        <Reading id={readingId} {...{ picture, cell, channel }} traced={view.traced} hasNumbers={numbers !== null} />
        {numbers === null ? null : <Sums {...view} numbers={numbers} />}
      </section>
      <Figures
        {...{ picture, answers }}
        formulas={convolution.formulas(valid, picture.stages)}
        peer={convolution.peer?.(valid, picture.stages).title}
      />
      <aside class="mistake">
        <h3>Common misconception</h3>
        <p>{convolution.mistake}</p>
      </aside>
    </article>
  );
}
