/** The URL fragment, which links and the back button change: `#explore/dilated?stride=2` has a path and a query. */
import { useEffect, useState } from 'preact/hooks';

/** Route set by a link or the back button. */
export interface Visit {
  /** Query after the path: `stride=2`. A part that stores its state there replaces the URL, which is not a new visit. */
  readonly query: string;
  /** Segments of the path: `#explore/dilated` is ['explore', 'dilated']. */
  readonly path: readonly string[];
  /** Number of earlier visits, including those to the same URL. */
  readonly count: number;
}

export function useVisit(): Visit {
  const [{ hash, count }, setVisit] = useState({ hash: location.hash, count: 0 });
  useEffect(() => {
    // The URL of the event: by the time that it arrives, the view being left may have replaced the URL of the page.
    const read = ({ newURL }: HashChangeEvent): void => {
      setVisit((before) => ({ hash: new URL(newURL).hash, count: before.count + 1 }));
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
