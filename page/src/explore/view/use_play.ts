/** Moves the selected cell over the output: by itself, or a step at a time. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';

export type Speed = 'rising' | 'products' | 'cells' | 'fast';

export interface Play {
  readonly isPlaying: boolean;
  /** Index of the last output cell that is computed; `null` unless the output is being filled. */
  readonly reached: number | null;
  /** Index of the product that is being added; `null` between cells. */
  readonly product: number | null;
  readonly speed: Speed;
  readonly isLooping: boolean;
  readonly setSpeed: (speed: Speed) => void;
  readonly setLooping: (isLooping: boolean) => void;
  /** Plays on from the selected cell, from the first if it is the last one; or pauses. */
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  /** Shows the output as far as a cell, without moving on. */
  readonly fillTo: (index: number) => void;
  /** Ends: the whole output is shown. */
  readonly stop: () => void;
}

/** Milliseconds per product, and per cell at either end of the rising speed. */
const PRODUCT_MS = 400;
const CELL_MS = 500;
const FAST_MS = 60;
/** Factor from one cell to the next of the rising speed. */
const RISE = 0.85;

/** Milliseconds to the next cell, after `done` of them. */
function pauseOf(speed: Speed, done: number): number {
  if (speed === 'rising') return Math.max(FAST_MS, CELL_MS * RISE ** done);
  return speed === 'fast' ? FAST_MS : CELL_MS;
}

export interface PlayOptions {
  /** Size of the output. */
  readonly size: Place;
  readonly cell: Place;
  /** Number of products of the selected cell. */
  readonly products: number;
  readonly choose: (cell: Place) => void;
  /** Opens the next act if there is one, and tells whether it did. */
  readonly advance: () => boolean;
  /** Opens the first act if acts are shown. */
  readonly rewind: () => void;
  /** Plays once, from the first cell, as soon as it is true. */
  readonly isOpening: boolean;
}

/** True once the page has played by itself, or a person has done something before. */
let hasOpened = false;

export function usePlay({ size: [height, width], cell: [y, x], products, ...options }: PlayOptions): Play {
  const { choose, advance, rewind, isOpening } = options;
  const [isPlaying, setPlaying] = useState(false);
  const [isFilling, setFilling] = useState(false);
  const [product, setProduct] = useState<number | null>(null);
  const [done, setDone] = useState(0);
  const [speed, setSpeed] = useState<Speed>('rising');
  const [isLooping, setLooping] = useState(false);
  const count = height * width;
  const index = Math.min(y * width + x, count - 1);
  const goTo = (at: number): void => {
    choose([Math.floor(at / width), at % width]);
  };
  const start = (at: number): void => {
    hasOpened = true;
    goTo(at);
    setDone(0);
    setProduct(speed === 'products' || speed === 'rising' ? 0 : null);
    setFilling(true);
    setPlaying(true);
  };
  const stop = (): void => {
    hasOpened = true;
    setPlaying(false);
    setFilling(false);
    setProduct(null);
  };

  /** Functions of the latest state, which timers call. */
  const latest = useRef({ goTo, start, stop, advance, rewind });
  latest.current = { goTo, start, stop, advance, rewind };

  useEffect(() => {
    if (!isOpening || hasOpened || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    latest.current.start(0);
  }, [isOpening]);

  useEffect(() => {
    if (!isPlaying) return undefined;
    const next = (): void => {
      if (product !== null && product + 1 < products) {
        setProduct(product + 1);
      } else if (index + 1 < count) {
        setProduct(speed === 'products' ? 0 : null);
        setDone(done + 1);
        latest.current.goTo(index + 1);
      } else if (latest.current.advance()) {
        latest.current.start(0);
      } else if (isLooping) {
        latest.current.rewind();
        latest.current.start(0);
      } else {
        latest.current.stop();
      }
    };
    const timer = setTimeout(next, product === null ? pauseOf(speed, done) : PRODUCT_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isPlaying, product, products, index, count, speed, done, isLooping]);

  return {
    isPlaying,
    reached: isFilling ? index : null,
    product,
    speed,
    isLooping,
    setSpeed: (next) => {
      setSpeed(next);
      if (isPlaying) setProduct(next === 'products' ? 0 : null);
    },
    setLooping,
    toggle: () => {
      if (isPlaying) setPlaying(false);
      else if (isFilling) setPlaying(true);
      else start(index === count - 1 ? 0 : index);
    },
    step: (by) => {
      hasOpened = true;
      setPlaying(false);
      setProduct(null);
      goTo((index + by + count) % count);
    },
    fillTo: (at) => {
      hasOpened = true;
      setPlaying(false);
      setProduct(null);
      setFilling(true);
      goTo(at);
    },
    stop,
  };
}
