/** The input cell whose way to the output is shown: the one under the mouse, else the chosen one. */
import { useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { keyOf, type Picture } from '../model/maps.js';
import type { SourceChoice } from './read_plane.js';

export interface Source {
  readonly choice: SourceChoice;
  /** The chosen cell, unless another one is under the mouse. */
  readonly chosen: Place | null;
  /** Output cells that read it. */
  readonly fed: ReadonlySet<string>;
}

/** @returns `undefined` for pictures of several stages */
export function useSource({ stages }: Picture): Source | undefined {
  const [chosen, setChosen] = useState<Place | null>(null);
  const [hovered, setHovered] = useState<Place | null>(null);
  const stage = stages[0]!;
  if (stages.length !== 1) return undefined;
  const shown = hovered ?? chosen;
  const fed = new Set<string>();
  const [height, width] = shown === null ? [0, 0] : stage.outputSize;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isFed = stage.reads(y, x).some(({ cells }) => cells.some(({ cell }) => keyOf(cell) === keyOf(shown!)));
      if (isFed) fed.add(keyOf([y, x]));
    }
  }
  return {
    choice: {
      chosen: shown,
      onChoose: (cell) => {
        setChosen(chosen !== null && keyOf(chosen) === keyOf(cell) ? null : cell);
      },
      onHover: setHovered,
    },
    chosen: hovered === null || (chosen !== null && keyOf(hovered) === keyOf(chosen)) ? chosen : null,
    fed,
  };
}
