/** Actions on the picture: take a change back, link to it, show it large, keep it. */
import type { JSX, RefObject } from 'preact';
import { download } from '../../shared/download.js';
import { useUndo } from '../model/use_undo.js';
import type { View } from '../model/use_view.js';
import { CopyButton } from './copy_button.js';
import { AnimationButton } from './animation_button.js';
import { svgOfPicture } from './svg_of_picture.js';
import type { Play } from './use_play.js';

export interface ActionsProps {
  readonly view: View;
  readonly play: Play;
  /** Name of the convolution, for the file. */
  readonly name: string;
  /** The whole section of the picture. */
  readonly picture: RefObject<HTMLElement | null>;
}

export function Actions({ view, play, name, picture }: ActionsProps): JSX.Element {
  const { canUndo, undo } = useUndo(view.settings, view.restore);
  const show = async (): Promise<void> => {
    if (document.fullscreenElement) return document.exitFullscreen();
    await picture.current!.requestFullscreen();
    // The button is below the picture on a phone.
    picture.current?.scrollTo({ top: 0 });
  };
  const save = (): void => {
    const text = svgOfPicture(picture.current!.querySelector<HTMLElement>('.maps')!);
    download(`${name}.svg`, new Blob([text], { type: 'image/svg+xml' }));
  };
  return (
    <div class="toolbar" role="group" aria-label="Picture">
      <button type="button" disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      <CopyButton label="Copy link" text={() => new URL(view.address, location.href).href} />
      {document.fullscreenEnabled ? (
        <button type="button" onClick={() => void show()}>
          Full screen
        </button>
      ) : null}
      <button type="button" onClick={save}>
        Save as SVG
      </button>
      <AnimationButton {...{ view, play, name, picture }} />
    </div>
  );
}
