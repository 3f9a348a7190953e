/** The picture of one convolution alone, for pages of the same site that show it in a frame: `#embed/plain?stride=2`. */
import './explore.css';
import type { JSX } from 'preact';
import type { Convolution } from './model/convolution.js';
import { useChosenConvolution } from './use_chosen_convolution.js';
import { PictureStage } from './view/picture_stage.js';
import { usePicture } from './view/use_picture.js';

export function EmbedPart(): JSX.Element {
  const { convolution, query, count } = useChosenConvolution();
  return <Embedded key={`${convolution.name} ${count}`} {...{ convolution, query }} />;
}

interface EmbeddedProps {
  readonly convolution: Convolution;
  /** Query of the URL. */
  readonly query: string;
}

function Embedded({ convolution, query }: EmbeddedProps): JSX.Element {
  const state = usePicture(convolution, query, false);
  return (
    <main class="embedded" aria-label={convolution.title}>
      <h1 class="visually-hidden">{convolution.title}</h1>
      <section class="picture" aria-label="Picture">
        <PictureStage state={state} />
      </section>
    </main>
  );
}
