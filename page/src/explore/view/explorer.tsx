/** One convolution: picture first, then its purpose, settings and figures. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution, Example } from '../model/convolution.js';
import { codeOf } from '../model/code.js';
import { useAddress } from '../model/use_address.js';
import { useView } from '../model/use_view.js';
import { Actions } from './actions.js';
import { CodePanel } from './code_panel.js';
import { Controls } from './controls.js';
import { binDragging, tapDragging } from './dragging.js';
import { Figures } from './figures.js';
import { OverInput } from './over_input.js';
import { PictureNotes } from './picture_notes.js';
import { PictureView } from './picture_view.js';
import { PlayBar } from './play_bar.js';
import { Sources } from './sources.js';
import { Sums } from './sums.js';
import { Trouble } from './trouble.js';
import { usePlay } from './use_play.js';
import { useSource } from './use_source.js';
import { useTaps } from './use_taps.js';

export interface ExplorerProps {
  readonly convolution: Convolution;
  /** Query of the URL. */
  readonly query: string;
  /** True for the view that the page opens with, which plays once by itself. */
  readonly isOpening: boolean;
}

export function Explorer({ convolution, query, isOpening }: ExplorerProps): JSX.Element {
  const view = useView(convolution, query);
  const { settings, valid, picture, fault, cell, numbers, answers, traced } = view;
  const [tap, setTap] = useState(Math.floor((settings.kernelHeight * settings.kernelWidth) / 2));
  const readingId = useId();
  const section = useRef<HTMLElement>(null);
  const play = usePlay({
    size: picture.maps.at(-1)!.size,
    cell,
    products: numbers === null ? 0 : traced.at(-1)!.reads.length,
    choose: view.choose,
    isOpening: isOpening && answers.isCurrent,
  });
  const source = useSource(picture);
  const taps = useTaps(traced, play.product);
  useAddress(view.address, play.isPlaying);
  const choose = (next: Place): void => {
    play.stop();
    view.choose(next);
  };
  const change: typeof view.change = (part, field) => {
    play.stop();
    view.change(part, field);
  };
  const open = (example: Example): void => {
    play.stop();
    view.open(example);
    if (typeof example.set !== 'function') view.choose([0, 0]);
  };
  const { said, fact, example: shows } = convolution.mistake;
  const dragging =
    convolution.drags && (convolution.drags === 'taps' ? tapDragging(view, tap, setTap) : binDragging(view));
  const isDrawing = valid.image === 'drawing' && numbers !== null;
  const isCovered = isDrawing || dragging !== undefined;
  return (
    <article class="explorer">
      <header class="explorer-head">
        <h2>{convolution.title}</h2>
        <p class="quiet">See convolutions at work, cell by cell: for anyone who studies or builds image networks.</p>
      </header>
      <section class="picture panel" aria-label="Picture" ref={section}>
        <PictureView
          {...view}
          describedBy={readingId}
          isShaded={convolution.isShaded === true}
          reached={play.reached}
          taps={taps.shown}
          onChoose={choose}
          onHover={(at) => {
            if (!play.isPlaying) view.hover(at);
          }}
          onTap={taps.choose}
          onHoverTap={taps.hover}
          onWeight={view.setWeight}
          onShow={view.show}
          source={isCovered ? undefined : source}
          hasHandles={dragging !== undefined}
          over={isCovered ? (frame) => <OverInput {...{ frame, view, isDrawing, dragging }} /> : undefined}
        />
        <Trouble view={view} />
        <PlayBar play={play} />
        <PictureNotes
          {...{ view, readingId }}
          source={isCovered ? undefined : source}
          tap={convolution.drags === 'taps' ? tap : undefined}
        />
        {dragging?.panel}
        <Sources view={{ ...view, change }} hasOwnKernels={convolution.fields.includes('kernel')} />
        {numbers === null || view.isBackward ? null : <Sums {...view} numbers={numbers} />}
        <CodePanel code={codeOf(convolution, valid, picture.stages)} />
        <Actions {...{ view }} name={convolution.name} picture={section} />
      </section>
      <p class="purpose">{convolution.purpose}</p>
      <div class="examples">
        <span class="quiet">Examples:</span>
        {convolution.examples.map((example) => (
          <button type="button" key={example.label} onClick={() => open(example)}>
            {example.label}
          </button>
        ))}
      </div>
      <Controls {...{ convolution, settings, fault }} onChange={(field, value) => change({ [field]: value }, field)} />
      <Figures
        {...{ picture, answers }}
        formulas={convolution.formulas(valid, picture.stages)}
        peer={convolution.peer?.(valid, picture.stages).title}
      />
      <aside class="mistake">
        <h3>Often said …</h3>
        <p>“{said}”</p>
        <h3>… in fact</h3>
        <p>{fact}</p>
        <button type="button" onClick={() => open(convolution.examples.find(({ label }) => label === shows)!)}>
          Show it
        </button>
      </aside>
    </article>
  );
}
