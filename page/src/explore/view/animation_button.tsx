/** Saves the animation of a picture as a GIF, with its progress and a way to end it. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { download } from '../../shared/download.js';
import { messageOf } from '../../shared/message_of.js';
import type { View } from '../model/use_view.js';
import type { Play } from './use_play.js';

export interface AnimationButtonProps {
  readonly view: View;
  readonly play: Play;
  /** Name of the file, without its ending. */
  readonly name: string;
  /** Section with the drawings. */
  readonly picture: RefObject<HTMLElement | null>;
}

export function AnimationButton({ view, play, name, picture }: AnimationButtonProps): JSX.Element {
  const [progress, setProgress] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const running = useRef<AbortController>(undefined);
  const { settings, act } = view;
  // Frames of another picture would not belong together.
  useEffect(
    () => () => {
      running.current?.abort();
    },
    [settings, act],
  );
  const save = async (): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    setFailure(undefined);
    setProgress('Loading …');
    try {
      const { animationFile } = await import('./animation_file.js');
      const [height, width] = view.picture.maps[view.target]!.size;
      const file = await animationFile({
        maps: picture.current!.querySelector<HTMLElement>('.maps')!,
        cells: height * width,
        show: play.fillTo,
        onFrame: (done, total) => {
          setProgress(`${done} of ${total} frames`);
        },
        signal: controller.signal,
      });
      controller.signal.throwIfAborted();
      download(`${name}.gif`, file);
    } catch (error) {
      if (!controller.signal.aborted) setFailure(messageOf(error));
    } finally {
      running.current = undefined;
      setProgress(undefined);
      play.stop();
    }
  };
  return (
    <>
      {progress === undefined ? (
        <button type="button" disabled={view.numbers === null} onClick={() => void save()}>
          Save as GIF
        </button>
      ) : (
        <button type="button" onClick={() => running.current?.abort()}>
          Cancel the GIF
        </button>
      )}
      <span class="quiet" role="status">
        {progress ?? (failure === undefined ? '' : `The GIF was not made: ${failure}`)}
      </span>
    </>
  );
}
