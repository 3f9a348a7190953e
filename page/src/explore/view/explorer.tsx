/** One convolution: picture first, then its purpose, settings and figures. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Convolution } from '../model/convolution.js';
import { codeOf } from '../model/code.js';
import { useAddress } from '../model/use_address.js';
import { Actions } from './actions.js';
import { CodePanel } from './code_panel.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { FurtherReading } from './further_reading.js';
import { PictureStage } from './picture_stage.js';
import { Sources } from './sources.js';
import { Sums } from './sums.js';
import { usePicture } from './use_picture.js';

export interface ExplorerProps {
  readonly convolution: Convolution;
  /** Query of the URL. */
  readonly query: string;
  /** True for the view that the page opens with, which plays once by itself. */
  readonly isOpening: boolean;
}

export function Explorer({ convolution, query, isOpening }: ExplorerProps): JSX.Element {
  const state = usePicture(convolution, query, isOpening);
  const { view, play } = state;
  const { settings, valid, picture, fault, numbers, answers, change, open } = view;
  const section = useRef<HTMLElement>(null);
  useAddress(view.address, play.isPlaying);
  const { said, fact, example: shows } = convolution.mistake;
  return (
    <article class="explorer">
      <header class="explorer-head">
        <h2>{convolution.title}</h2>
        <p class="quiet">See convolutions at work, cell by cell: for anyone who studies or builds image networks.</p>
      </header>
      <section class="picture panel" aria-label="Picture" ref={section}>
        <PictureStage state={state} />
        <Sources view={view} hasOwnKernels={convolution.fields.includes('kernel')} />
        {numbers === null || view.isBackward ? null : <Sums {...view} numbers={numbers} />}
        <CodePanel code={codeOf(convolution, valid, picture.stages)} />
        <Actions {...{ view, play }} name={convolution.name} picture={section} />
        <FurtherReading name={convolution.name} />
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
