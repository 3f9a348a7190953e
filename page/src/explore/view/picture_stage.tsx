/** The picture of a convolution with what belongs to it: the animation's buttons, sentences, and fields of what is dragged. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Acts } from './acts.js';
import { OverInput } from './over_input.js';
import { PictureNotes } from './picture_notes.js';
import { PictureView } from './picture_view.js';
import { PlayBar } from './play_bar.js';
import { Trouble } from './trouble.js';
import type { PictureState } from './use_picture.js';

export function PictureStage({ state }: { readonly state: PictureState }): JSX.Element {
  const { convolution, view, play, source, taps, tap, dragging, isDrawing, choose } = state;
  const readingId = useId();
  const isCovered = isDrawing || dragging !== undefined;
  return (
    <>
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
        source={source}
        hasHandles={dragging !== undefined}
        over={isCovered ? (frame) => <OverInput {...{ frame, view, isDrawing, dragging }} /> : undefined}
      />
      <Trouble view={view} />
      {convolution.acts ? <Acts acts={convolution.acts} act={view.act} onChoose={view.setAct} /> : null}
      <PlayBar play={play} />
      <PictureNotes {...{ view, readingId, source, tap }} />
      {dragging?.panel}
    </>
  );
}
