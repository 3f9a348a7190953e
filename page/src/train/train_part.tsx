/** The part "Train": images, network and backend; then the run, its results, and a panel to try it. */
import './train.css';
import type { JSX } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { Notice } from '../shared/notice.js';
import { BackendPanel } from './backend_panel.js';
import { DataPanel } from './data_panel.js';
import { FormError, planOf, type Form } from './form.js';
import { NetworkPanel } from './network_panel.js';
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
  const { form, change: changeForm, isReady, unkept } = useKeptForm();
  const [problem, setProblem] = useState<string>();
  const change = useCallback(
    (part: Partial<Form>) => {
      changeForm(part);
      setProblem(undefined);
    },
    [changeForm],
  );
  useActivityOf(view);
  useWarning(view, unkept !== undefined && form.classes.some(({ images }) => images.length > 0));

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
  const message = problem ?? failure;
  return (
    <>
      <h2>Train a network in this page</h2>
      <p class="train-intro">
        Choose images and a network, press start, and watch it learn on your own device. Nothing is uploaded: images,
        network and results stay in this browser.
      </p>
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
      {unkept !== undefined && (
        <Notice kind="info">The browser does not keep images and settings for the next visit: {unkept}.</Notice>
      )}
      <div class="train">
        <fieldset class="train-setup" disabled={busy || !isReady}>
          <legend class="visually-hidden">What to train</legend>
          <DataPanel form={form} change={change} worker={worker} />
          <NetworkPanel form={form} change={change} worker={worker} />
          <BackendPanel form={form} change={change} backends={backends} />
          <SettingsPanel form={form} change={change} />
          <ProjectPanel form={form} change={change} />
        </fieldset>
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
          {!busy && <Results form={form} view={view} worker={worker} />}
        </div>
      </div>
    </>
  );
}

/** True if a run of the one form would differ from a run of the other. */
function hasChanged(before: Form, now: Form): boolean {
  return (Object.keys(now) as (keyof Form)[]).some((name) => before[name] !== now[name]);
}
