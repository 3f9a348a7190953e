/** Moves the selected cell over the whole output once, row by row. Nothing moves until the user asks for it. */
import { useEffect, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';

export interface Play {
  readonly isPlaying: boolean;
  readonly toggle: () => void;
  readonly stop: () => void;
}

/** Milliseconds per cell. */
const STEP_MS = 600;

export function usePlay([height, width]: Place, [y, x]: Place, choose: (cell: Place) => void): Play {
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setTimeout(() => {
      const next = y * width + x + 1;
      if (next < height * width) choose([Math.floor(next / width), next % width]);
      else setPlaying(false);
    }, STEP_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isPlaying, height, width, y, x, choose]);
  return {
    isPlaying,
    toggle: () => {
      if (!isPlaying) choose([0, 0]);
      setPlaying(!isPlaying);
    },
    stop: () => {
      setPlaying(false);
    },
  };
}
