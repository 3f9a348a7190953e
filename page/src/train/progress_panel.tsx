/** Panel of a run in progress: figures, curves, numbers of images, and the offer to train all layers. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { Curves } from './curves.js';
import { EpochTable } from './epoch_table.js';
import { FineTuning } from './fine_tuning.js';
import { duration, percent, whole } from './format.js';
import { ImageCountsNote } from './image_counts.js';
import type { Training } from './use_training.js';

export function ProgressPanel({ view, fineTune }: Pick<Training, 'view' | 'fineTune'>): JSX.Element | null {
  const panel = useRef<HTMLElement>(null);
  // Start is in sight anywhere on the page, but the curves of the run need not be.
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'start' });
  }, [view.id]);
  if (!view.facts) return null;
  return (
    <section class="panel progress-panel" aria-label="Progress" ref={panel}>
      {view.lost !== undefined && (
        <Notice kind="info">
          The graphics device of {view.lost} was lost. The run goes on with {view.backend}, from a state at most 20
          steps before.
        </Notice>
      )}
      {view.unsaved !== undefined && (
        <Notice kind="info">
          This run cannot be saved in the browser ({view.unsaved}). It continues; export the network when it is done.
        </Notice>
      )}
      <FineTuning view={view} fineTune={fineTune} />
      <div class="standing">
        <Curves view={view} />
        <Figures view={view} />
      </div>
      {view.images && <ImageCountsNote images={view.images} classNames={view.facts.classNames} />}
      <EpochTable rows={view.rows} />
    </section>
  );
}

function Figures({ view: { progress } }: Pick<Training, 'view'>): JSX.Element | null {
  if (!progress) return null;
  const { epoch, epochs, loss, accuracy, imagesPerSecond, secondsLeft } = progress;
  const figures: readonly (readonly [string, string])[] = [
    ['epoch', `${epoch} of ${epochs}`],
    ['loss', loss.toFixed(3)],
    ['right', percent(accuracy)],
    ['speed', imagesPerSecond > 0 ? `${whole(imagesPerSecond)} images/s` : '…'],
    ['time left', Number.isFinite(secondsLeft) ? duration(secondsLeft) : '…'],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
