/** The address after #, which the back button and links change: `#explore/dilated?stride=2` has a path and a query. */
import { useEffect, useState } from 'preact/hooks';

/** What a link, or the back button, brought. */
export interface Visit {
  /** What follows the path: `stride=2`. A part that keeps its state there replaces the address, which is no visit. */
  readonly query: string;
  /** The path in parts: `#explore/dilated` is ['explore', 'dilated']. */
  readonly path: readonly string[];
  /** How many visits there were before, also to this very address. */
  readonly count: number;
}

export function useVisit(): Visit {
  const [{ hash, count }, setVisit] = useState({ hash: location.hash, count: 0 });
  useEffect(() => {
    const read = (): void => {
      setVisit((before) => ({ hash: location.hash, count: before.count + 1 }));
    };
    addEventListener('hashchange', read);
    return () => {
      removeEventListener('hashchange', read);
    };
  }, []);
  const [path = '', ...query] = hash.slice(1).split('?');
  return { path: path.split('/').filter(Boolean), query: query.join('?'), count };
}

export function useRoute(): readonly string[] {
  return useVisit().path;
}
