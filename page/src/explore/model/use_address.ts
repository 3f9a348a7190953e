/** Keeps the URL of the view: one entry of the history, replaced when the view comes to rest. */
import { useEffect } from 'preact/hooks';

/** Milliseconds without a change. Browsers refuse more than a hundred or two changes of the URL in half a minute. */
const REST_MS = 250;

/** @param isMoving whether the view changes by itself */
export function useAddress(address: string, isMoving: boolean): void {
  useEffect(() => {
    if (isMoving) return undefined;
    const from = location.hash;
    const timer = setTimeout(() => {
      // A link that has been followed meanwhile, whose event is still to come, is the newer one.
      if (location.hash !== from) return;
      // Unlike a link, this change fires no event: the view stays the same.
      if (location.hash !== address) history.replaceState(null, '', address);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [address, isMoving]);
}
