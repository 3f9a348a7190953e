/** Current appearance of charts in Train: light or dark, and one below the other where their column is narrow. */
import { useEffect, useState } from 'preact/hooks';
import type { CurveStyle } from './protocol.js';

const NARROW = '(max-width: 48rem), (min-width: 68rem)';
const DARK = '(prefers-color-scheme: dark)';

function read(): CurveStyle {
  const chosen = document.documentElement.dataset['theme'];
  const dark = chosen === undefined ? matchMedia(DARK).matches : chosen === 'dark';
  return { theme: dark ? 'dark' : 'light', stacked: matchMedia(NARROW).matches };
}

export function useCurveStyle(): CurveStyle {
  const [style, setStyle] = useState(read);
  useEffect(() => {
    const update = (): void => {
      setStyle(read);
    };
    const queries = [matchMedia(NARROW), matchMedia(DARK)];
    for (const query of queries) query.addEventListener('change', update);
    const chosen = new MutationObserver(update);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      for (const query of queries) query.removeEventListener('change', update);
      chosen.disconnect();
    };
  }, []);
  return style;
}
