/** Makes the browser ask before it leaves the page where something would be lost. */
import { useEffect } from 'preact/hooks';
import type { TrainingView } from './use_training.js';

/** @param losesImages true if there are images that the browser does not keep */
export function useWarning({ phase, unsaved }: TrainingView, losesImages: boolean): void {
  const losesRun = unsaved !== undefined && ['training', 'pausing', 'paused', 'finished'].includes(phase);
  const asks = losesRun || losesImages;
  useEffect(() => {
    if (!asks) return;
    const ask = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('beforeunload', ask);
    };
  }, [asks]);
}
