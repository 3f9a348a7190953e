/** The picture in sentences: what the chosen output reads, what the chosen input feeds, what gradients mean. */
import type { JSX } from 'preact';
import type { View } from '../model/use_view.js';
import { useTexts } from '../texts/use_texts.js';
import { BackwardNote } from './backward_note.js';
import { Feeding } from './feeding.js';
import { Reading } from './reading.js';
import type { Source } from './use_source.js';

export interface PictureNotesProps {
  readonly view: View;
  /** ID of the sentence about the chosen output. */
  readonly readingId: string;
  /** Chosen input cell, if one can be chosen. */
  readonly source: Source | undefined;
  /** Selected tap of a deformable kernel, if taps can be moved. */
  readonly tap: number | undefined;
}

export function PictureNotes({ view, readingId, source, tap }: PictureNotesProps): JSX.Element {
  const texts = useTexts();
  const { picture, traced, act, cell, channel, numbers, valid } = view;
  return (
    <>
      {numbers === null || act !== null ? null : <BackwardNote {...{ view, tap }} />}
      <Reading id={readingId} {...{ picture, act, cell, channel, traced }} hasNumbers={numbers !== null} />
      {source?.chosen ? <Feeding cell={source.chosen} count={source.fed.size} /> : null}
      {valid.image === 'photo' && numbers !== null ? <p class="quiet">{texts.photo}</p> : null}
    </>
  );
}
