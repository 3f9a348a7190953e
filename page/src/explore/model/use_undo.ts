/** Takes back changes: one step for everything that changed until the view came to rest. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds without a change. */
const REST_MS = 250;

export interface Undo {
  readonly canUndo: boolean;
  readonly undo: () => void;
}

/** @param value compared by identity */
export function useUndo<T>(value: T, set: (value: T) => void): Undo {
  const earlier = useRef<T[]>([]);
  const rested = useRef(value);
  const [depth, setDepth] = useState(0);
  useEffect(() => {
    if (value === rested.current) return undefined;
    const timer = setTimeout(() => {
      earlier.current.push(rested.current);
      rested.current = value;
      setDepth(earlier.current.length);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  const isMoving = value !== rested.current;
  return {
    canUndo: isMoving || depth > 0,
    undo: () => {
      const before = isMoving ? rested.current : earlier.current.pop();
      if (before === undefined) return;
      rested.current = before;
      setDepth(earlier.current.length);
      set(before);
    },
  };
}
