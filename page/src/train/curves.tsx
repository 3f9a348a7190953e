/** Curves of the run, drawn by the worker, with a description for screen readers. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { percent } from './format.js';
import type { TrainingView } from './use_training.js';
import { useObjectUrl } from '../shared/use_object_url.js';

export function Curves({ view: { curves, rows } }: { readonly view: TrainingView }): JSX.Element | null {
  const picture = useMemo(
    () => (curves === undefined ? undefined : new Blob([curves], { type: 'image/svg+xml' })),
    [curves],
  );
  const address = useObjectUrl(picture);
  if (address === undefined) return null;
  const last = rows.at(-1);
  const words = last
    ? `After epoch ${last.epoch} the loss is ${last.loss.toFixed(3)} on training and ${last.testLoss.toFixed(3)} on test images, the accuracy ${percent(last.accuracy)} and ${percent(last.testAccuracy)}.`
    : 'The first epoch is running.';
  return (
    <figure class="curves">
      <img src={address} alt={`Curves of loss and accuracy over the epochs. ${words}`} />
      <figcaption class="quiet">
        The loss should fall and the accuracy rise. Where the test images stay behind the training images, the network
        learns these by heart: more images help.
      </figcaption>
    </figure>
  );
}
