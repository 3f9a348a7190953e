/** Offer, after a run of a pretrained network, to train the layers that were frozen. */
import type { JSX } from 'preact';
import type { Training, TrainingView } from './use_training.js';

interface FineTuningProps extends Pick<Training, 'fineTune'> {
  readonly view: TrainingView;
}

export function FineTuning({ view: { phase, facts }, fineTune }: FineTuningProps): JSX.Element | null {
  if (facts?.isFrozen !== true || (phase !== 'finished' && phase !== 'paused')) return null;
  return (
    <div class="notice info">
      <p>
        Only the last layer has learned. Training all layers takes several times as long and can get more images right;
        this run stays saved.
      </p>
      <button type="button" onClick={fineTune}>
        Train all layers
      </button>
    </div>
  );
}
