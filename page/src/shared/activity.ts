/** Activity of a part of the page while another one is shown, in a few words. */
import { useEffect, useState } from 'preact/hooks';

let current: string | undefined;
const listeners = new Set<(activity: string | undefined) => void>();

/** @param activity such as "Training: 40 %"; undefined if nothing is going on */
export function setActivity(activity: string | undefined): void {
  if (activity === current) return;
  current = activity;
  for (const listener of listeners) listener(activity);
}

export function useActivity(): string | undefined {
  const [activity, setShown] = useState(current);
  useEffect(() => {
    listeners.add(setShown);
    return () => {
      listeners.delete(setShown);
    };
  }, []);
  return activity;
}
