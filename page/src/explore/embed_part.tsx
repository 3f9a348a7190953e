/** The picture of one convolution alone, for pages of the same site that show it in a frame: `#embed/plain?stride=2&lang=ko`. */
import './explore.css';
import type { JSX } from 'preact';
import type { Convolution } from './model/convolution.js';
import type { Texts } from './texts/english.js';
import { TextsContext, useTexts } from './texts/use_texts.js';
import { useChosenConvolution } from './use_chosen_convolution.js';
import { PictureStage } from './view/picture_stage.js';
import { usePicture } from './view/use_picture.js';

export function EmbedPart({ texts }: { readonly texts: Texts }): JSX.Element {
  const { convolution, query, count } = useChosenConvolution();
  return (
    <TextsContext.Provider value={texts}>
      <Embedded key={`${convolution.name} ${count}`} {...{ convolution, query }} />
    </TextsContext.Provider>
  );
}

interface EmbeddedProps {
  readonly convolution: Convolution;
  /** Query of the URL. */
  readonly query: string;
}

function Embedded({ convolution, query }: EmbeddedProps): JSX.Element {
  const state = usePicture(convolution, query, false);
  const texts = useTexts();
  const title = texts.convolution(convolution.title);
  return (
    <main class="embedded" aria-label={title}>
      <h1 class="visually-hidden">{title}</h1>
      <section class="picture" aria-label={texts.picture}>
        <PictureStage state={state} />
      </section>
    </main>
  );
}
