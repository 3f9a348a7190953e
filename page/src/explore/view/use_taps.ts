/** The highlighted tap of each stage: the one under the mouse, else the one being added, else the chosen one. */
import { useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { keyOf, type MapReads } from '../model/maps.js';

export interface Taps {
  readonly shown: readonly (Place | null)[];
  readonly choose: (stage: number, tap: Place) => void;
  readonly hover: (stage: number, tap: Place | null) => void;
}

interface Pick {
  readonly stage: number;
  readonly tap: Place;
}

/** @param product index of the product of the stage before `target` that is being added */
export function useTaps(traced: readonly MapReads[], target: number, product: number | null): Taps {
  const [chosen, setChosen] = useState<Pick | null>(null);
  const [hovered, setHovered] = useState<Pick | null>(null);
  const adding = target - 1;
  const added = product === null ? undefined : traced[adding]!.reads[product]?.tap;
  const tapOf = (pick: Pick | null, stage: number): Place | undefined => (pick?.stage === stage ? pick.tap : undefined);
  return {
    shown: traced.map(
      (_, stage) => tapOf(hovered, stage) ?? (stage === adding ? added : undefined) ?? tapOf(chosen, stage) ?? null,
    ),
    choose: (stage, tap) => {
      const isSame = chosen?.stage === stage && keyOf(chosen.tap) === keyOf(tap);
      setChosen(isSame ? null : { stage, tap });
    },
    hover: (stage, tap) => {
      setHovered(tap && { stage, tap });
    },
  };
}
