/** Makes the browser ask before it leaves the page where something would be lost. */
import { useEffect } from 'preact/hooks';
import type { TrainingView } from './use_training.js';

/** @param losesFiles true if there are images or a network that the browser has not stored */
export function useWarning({ phase, unsaved }: TrainingView, losesFiles: boolean): void {
  const losesRun = unsaved !== undefined && ['training', 'pausing', 'paused', 'finished'].includes(phase);
  const asks = losesRun || losesFiles;
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
