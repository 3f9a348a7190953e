/** The part "Train" in three steps side by side: images; network and training; the network to try. */
import './train.css';
import './images.css';
import './results.css';
import type { JSX } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { AugmentPanel } from './augment_panel.js';
import { DataPanel } from './data_panel.js';
import { FormError, planOf, type Form } from './form.js';
import { NetworkPanel } from './network_panel.js';
import { NothingYet } from './nothing_yet.js';
import { ProgressPanel } from './progress_panel.js';
import { ProjectPanel } from './project_panel.js';
import { Results } from './results.js';
import { RunPanel } from './run_panel.js';
import { SavedRuns } from './saved_runs.js';
import { SettingsPanel } from './settings_panel.js';
import { useActivityOf } from './use_activity_of.js';
import { useBackends } from './use_backends.js';
import { useCurveStyle } from './use_curve_style.js';
import { useKeptForm } from './use_kept_form.js';
import { useTraining, type Phase } from './use_training.js';
import { useWarning } from './use_warning.js';

/** Phases in which the settings of a run are locked. */
const BUSY: readonly Phase[] = ['starting', 'training', 'pausing'];

export function TrainPart(): JSX.Element {
  const style = useCurveStyle();
  const training = useTraining(style);
  const { view, worker } = training;
  const { form, change: changeForm, isReady, unkept, losesFiles } = useKeptForm();
  const [problem, setProblem] = useState<string>();
  const change = useCallback(
    (part: Partial<Form>) => {
      changeForm(part);
      setProblem(undefined);
    },
    [changeForm],
  );
  useActivityOf(view);
  useWarning(view, losesFiles);

  const { backends, failure } = useBackends(worker, changeForm);
  const started = useRef<Form | undefined>(undefined);
  const start = (): void => {
    try {
      const plan = planOf(form);
      setProblem(undefined);
      started.current = form;
      training.begin(plan);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      setProblem(error.message);
    }
  };
  const busy = BUSY.includes(view.phase);
  const isLocked = busy || !isReady;
  const message = problem ?? failure;
  return (
    <>
      <h2>Train a network in this page</h2>
      <p class="train-intro">
        Choose images, press Start and try the network. Nothing is uploaded: images, network and results stay in this
        browser.
      </p>
      {unkept !== undefined && (
        <Notice kind="info">The browser does not keep images and settings for the next visit: {unkept}.</Notice>
      )}
      <div class="train">
        {!busy && (
          <SavedRuns
            backend={form.backend}
            open={view.id}
            onResume={(id, on) => {
              started.current = undefined;
              training.resume(id, on);
            }}
          />
        )}
        <div class="train-step train-images">
          <DataPanel form={form} change={change} worker={worker} isLocked={isLocked} />
          <fieldset class="bare" disabled={isLocked}>
            <AugmentPanel form={form} change={change} worker={worker} />
          </fieldset>
        </div>
        <div class="train-run">
          <RunPanel
            training={training}
            backend={form.backend}
            canStart={backends !== undefined && isReady}
            onStart={start}
            isChanged={started.current !== undefined && hasChanged(started.current, form)}
          >
            {message !== undefined && <Notice kind="error">{message}</Notice>}
          </RunPanel>
          <ProgressPanel view={view} fineTune={training.fineTune} />
          <fieldset class="train-step" disabled={isLocked}>
            <legend class="visually-hidden">Network and settings</legend>
            <NetworkPanel form={form} change={change} worker={worker} opens={view.phase === 'idle'} />
            <SettingsPanel form={form} change={change} backends={backends} />
          </fieldset>
        </div>
        <div class="train-step train-try">
          {busy ? (
            <NothingYet data={form.data} classes={form.classes} />
          ) : (
            <Results form={form} view={view} worker={worker} />
          )}
          <fieldset class="train-step" disabled={isLocked}>
            <legend class="visually-hidden">Project</legend>
            <ProjectPanel form={form} change={change} />
          </fieldset>
        </div>
      </div>
    </>
  );
}

/** True if a run of the one form would differ from a run of the other. */
function hasChanged(before: Form, now: Form): boolean {
  return (Object.keys(now) as (keyof Form)[]).some((name) => before[name] !== now[name]);
}
