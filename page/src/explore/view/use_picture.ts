/** State of the picture of one convolution: its view, the animation, and what is dragged, pointed at and highlighted. */
import { useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import type { Convolution } from '../model/convolution.js';
import { useView, type View } from '../model/use_view.js';
import { binDragging, tapDragging, type Dragging } from './dragging.js';
import { usePlay, type Play } from './use_play.js';
import { useSource, type Source } from './use_source.js';
import { useTaps, type Taps } from './use_taps.js';

export interface PictureState {
  readonly convolution: Convolution;
  /** The view; a change of its settings ends the animation. */
  readonly view: View;
  readonly play: Play;
  /** Input cell whose way is shown, if one can be chosen. */
  readonly source: Source | undefined;
  readonly taps: Taps;
  /** Selected tap of a deformable kernel, if taps can be moved. */
  readonly tap: number | undefined;
  /** Objects that can be dragged in the input, if there are any. */
  readonly dragging: Dragging | undefined;
  readonly isDrawing: boolean;
  /** Selects an output cell and ends the animation. */
  readonly choose: (cell: Place) => void;
}

/**
 * @param query query of the URL when the view opens
 * @param isOpening true for a view that plays once by itself
 */
export function usePicture(convolution: Convolution, query: string, isOpening: boolean): PictureState {
  const view = useView(convolution, query);
  const { settings, valid, picture, cell, numbers, answers, traced, act, target } = view;
  const [tap, setTap] = useState(Math.floor((settings.kernelHeight * settings.kernelWidth) / 2));
  const play = usePlay({
    size: picture.maps[target]!.size,
    cell,
    products: numbers === null ? 0 : traced[target - 1]!.reads.length,
    choose: view.choose,
    advance: () => {
      if (act === null || act + 1 === picture.stages.length) return false;
      view.setAct(act + 1);
      return true;
    },
    rewind: () => {
      if (act !== null) view.setAct(0);
    },
    isOpening: isOpening && answers.isCurrent,
  });
  const source = useSource(picture);
  const taps = useTaps(traced, target, play.product);
  const dragging =
    convolution.drags && (convolution.drags === 'taps' ? tapDragging(view, tap, setTap) : binDragging(view));
  const isDrawing = valid.image === 'drawing' && numbers !== null;
  return {
    convolution,
    view: {
      ...view,
      change: (part, field) => {
        play.stop();
        view.change(part, field);
      },
      setAct: (next) => {
        play.stop();
        view.setAct(next);
        view.choose([0, 0]);
      },
      open: (example) => {
        play.stop();
        view.open(example);
        if (typeof example.set !== 'function') view.choose([0, 0]);
      },
    },
    play,
    source: isDrawing || dragging !== undefined ? undefined : source,
    taps,
    tap: convolution.drags === 'taps' ? tap : undefined,
    dragging,
    isDrawing,
    choose: (at) => {
      play.stop();
      view.choose(at);
    },
  };
}
