/** Largest widths of drawings, so that the whole picture fits on the screen. */
import { useEffect, useState } from 'preact/hooks';

const SCREENS = { phone: '(max-width: 40rem)', narrow: '(max-width: 46rem)', tablet: '(max-width: 74rem)' } as const;

type Screen = keyof typeof SCREENS | 'desktop';

/** Width of each feature map in pixels for two, three and four of them. */
const WIDTHS: Readonly<Record<Screen, readonly [number, number, number]>> = {
  desktop: [288, 168, 100],
  tablet: [176, 130, 100],
  narrow: [160, 100, 100],
  phone: [146, 90, 146],
};

/** Widths of two feature maps on a phone if fingers drag something in the first. */
const DRAGGED = [190, 96] as const;

function screenNow(): Screen {
  for (const [screen, query] of Object.entries(SCREENS)) {
    if (matchMedia(query).matches) return screen as Screen;
  }
  return 'desktop';
}

/** @returns the largest width of each of `count` feature maps in pixels */
export function useWidths(count: number, hasHandles: boolean): readonly number[] {
  const [screen, setScreen] = useState(screenNow);
  useEffect(() => {
    const update = (): void => {
      setScreen(screenNow());
    };
    const lists = Object.values(SCREENS).map((query) => matchMedia(query));
    for (const list of lists) list.addEventListener('change', update);
    return () => {
      for (const list of lists) list.removeEventListener('change', update);
    };
  }, []);
  if (screen === 'phone' && hasHandles) return DRAGGED;
  const width = WIDTHS[screen][Math.min(count, 4) - 2] ?? WIDTHS[screen][0];
  return Array.from({ length: count }, () => width);
}
