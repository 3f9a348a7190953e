/** The address after #, which the back button and links change: `#explore/dilated` is ['explore', 'dilated']. */
import { useEffect, useState } from 'preact/hooks';

export function useRoute(): readonly string[] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = (): void => {
      setHash(location.hash);
    };
    addEventListener('hashchange', read);
    return () => {
      removeEventListener('hashchange', read);
    };
  }, []);
  return hash.slice(1).split('/').filter(Boolean);
}
