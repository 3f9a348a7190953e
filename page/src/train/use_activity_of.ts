/** Says in the header what goes on in Train while another part is shown. */
import { useContext, useEffect } from 'preact/hooks';
import { setActivity } from '../shared/activity.js';
import { PartShown } from '../shared/part_shown.js';
import { percent } from './format.js';
import type { TrainingView } from './use_training.js';

export function useActivityOf({ phase, progress }: TrainingView): void {
  const isShown = useContext(PartShown);
  const activity = phase === 'training' && !isShown ? `Training: ${percent(progress?.fraction ?? 0, 0)}` : undefined;
  useEffect(() => {
    setActivity(activity);
  }, [activity]);
}
