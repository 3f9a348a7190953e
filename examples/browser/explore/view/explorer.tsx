/** One convolution: its settings, its picture and its figures. */
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { messageOf } from '../../shared/message_of.js';
import { readState, startOf, writeState } from '../model/address.js';
import type { Convolution } from '../model/convolution.js';
import { pictureOf, traceReads, type Picture } from '../model/maps.js';
import { drawNumbers, questionOf } from '../model/numbers.js';
import { START, type FieldName, type Settings } from '../model/settings.js';
import { useAnswers } from '../model/use_answers.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { PictureView } from './picture_view.js';
import { Reading } from './reading.js';
import { Sums } from './sums.js';
import { usePlay } from './use_play.js';

export interface ExplorerProps {
  readonly convolution: Convolution;
  /** What the address says of it. */
  readonly query: string;
}

/** Settings that fit together, and their picture. */
interface Fitting {
  readonly settings: Settings;
  readonly picture: Picture;
}

function tryPicture(convolution: Convolution, settings: Settings): Fitting | string {
  try {
    return { settings, picture: pictureOf(convolution, settings) };
  } catch (error) {
    return messageOf(error);
  }
}

const clampTo = (cell: Place, size: Place): Place => [Math.min(cell[0], size[0] - 1), Math.min(cell[1], size[1] - 1)];

export function Explorer({ convolution, query }: ExplorerProps): JSX.Element {
  const [start] = useState(() => readState(convolution, query));
  const [settings, setSettings] = useState(start.settings);
  const [changed, setChanged] = useState<FieldName>();
  const [chosen, setChosen] = useState<Place>(start.cell);
  const [wanted, setWanted] = useState<readonly number[]>([]);
  const [channel, setChannel] = useState(start.channel);
  const [seed, setSeed] = useState(start.seed);
  const readingId = useId();

  const tried = useMemo(() => tryPicture(convolution, settings), [convolution, settings]);
  // What does not fit leaves the last picture that did; at first, that of the start.
  const fitting = useRef<Fitting>(undefined);
  if (typeof tried !== 'string') fitting.current = tried;
  fitting.current ??= tryPicture(convolution, startOf(convolution)) as Fitting;
  const { settings: valid, picture } = fitting.current;
  const fault = typeof tried === 'string' ? { field: changed, message: tried } : undefined;

  const output = picture.maps.at(-1)!;
  const cell = clampTo(chosen, output.size);
  const outChannel = Math.min(channel, output.channels - 1);
  const traced = useMemo(() => traceReads(picture, cell, outChannel), [picture, cell[0], cell[1], outChannel]);
  // Of every map a channel that takes part, unless another was asked for.
  const shown = picture.maps.map(({ channels }, index) => {
    if (index === picture.maps.length - 1) return outChannel;
    const asked = wanted[index];
    return asked !== undefined && asked < channels ? asked : Math.min(...traced[index]!.channels);
  });

  const numbers = useMemo(() => (seed === null ? null : drawNumbers(valid, picture, seed)), [valid, picture, seed]);
  const question = useMemo(
    () => questionOf(convolution, valid, picture, numbers),
    [convolution, valid, picture, numbers],
  );
  const answers = useAnswers(question);
  const made = answers.isCurrent && numbers !== null ? answers.answer!.maps : [];
  const values = [numbers?.input, ...picture.stages.map((_, index) => made[index])];

  useEffect(() => {
    const address = writeState(convolution, { settings, cell, channel: outChannel, seed });
    // The browser's own event for a changed address is for links; this is the same view.
    history.replaceState(null, '', address);
  }, [convolution, settings, cell[0], cell[1], outChannel, seed]);

  const play = usePlay(output.size, cell, setChosen);
  const change = (field: FieldName | undefined, part: Partial<Settings>): void => {
    setChanged(field);
    setSettings((before) => ({ ...before, ...part }));
  };
  const choose = (next: Place): void => {
    play.stop();
    setChosen(next);
  };
  return (
    <article class="explorer">
      <h2>{convolution.title}</h2>
      <p class="purpose">{convolution.purpose}</p>
      <div class="examples">
        <span class="quiet">Show the example:</span>
        {convolution.examples.map(({ label, set }) => (
          <button
            type="button"
            key={label}
            onClick={() => {
              change(undefined, { ...START, ...set });
              setWanted([]);
              choose([0, 0]);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      <Controls
        convolution={convolution}
        settings={settings}
        fault={fault}
        onChange={(field, value) => change(field, { [field]: value })}
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
            onClick={() => setSeed(seed === null ? 1 : null)}
          >
            {seed === null ? 'Run random numbers through' : 'Without numbers'}
          </button>
          {seed === null ? null : (
            <button type="button" onClick={() => setSeed(seed + 1)}>
              Other numbers
            </button>
          )}
        </div>
        <PictureView
          {...{ picture, traced, cell, shown, numbers, values }}
          describedBy={readingId}
          isShaded={convolution.isShaded === true}
          onChoose={choose}
          onShow={(map, at) => {
            if (map === picture.maps.length - 1) {
              setChannel(at);
              setWanted([]);
            } else {
              setWanted(picture.maps.map((_, index) => (index === map ? at : shown[index]!)));
            }
          }}
        />
        <Reading id={readingId} {...{ picture, traced, cell }} channel={outChannel} />
        {numbers === null ? null : <Sums {...{ picture, traced, shown, numbers, values }} />}
      </section>
      <Figures
        picture={picture}
        formulas={convolution.formulas(valid, picture.stages)}
        answers={answers}
        peer={convolution.peer?.(valid, picture.stages).title}
      />
      <aside class="mistake">
        <h3>Often said wrong</h3>
        <p>{convolution.mistake}</p>
      </aside>
    </article>
  );
}
