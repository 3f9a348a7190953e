/** The part "Train": images, network and backend; then the run, its results, and a panel to try it. */
import './train.css';
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { ProbedBackend } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { BackendPanel } from './backend_panel.js';
import { DataPanel } from './data_panel.js';
import { ExportPanel } from './export_panel.js';
import { FIRST_FORM, FormError, planOf, type Form } from './form.js';
import { SavedRunNotice } from './saved_run_notice.js';
import { NetworkPanel } from './network_panel.js';
import { RunPanel } from './run_panel.js';
import { SettingsPanel } from './settings_panel.js';
import { TryPanel } from './try_panel.js';
import { useCurveStyle } from './use_curve_style.js';
import { useTraining, type Phase } from './use_training.js';

/** Phases in which the settings of a run are locked. */
const BUSY: readonly Phase[] = ['starting', 'training', 'pausing'];

export function TrainPart(): JSX.Element {
  const style = useCurveStyle();
  const training = useTraining(style);
  const { view, worker } = training;
  const [form, setForm] = useState<Form>(FIRST_FORM);
  const [problem, setProblem] = useState<string>();
  const [backends, setBackends] = useState<readonly ProbedBackend[]>();
  const change = useCallback((part: Partial<Form>) => {
    setForm((before) => ({ ...before, ...part }));
    setProblem(undefined);
  }, []);

  useEffect(() => {
    worker()
      .then(({ engine }) => engine.backends())
      .then(
        (found) => {
          setBackends(found);
          const preferred = found.find(({ isPreferred }) => isPreferred)?.name;
          setForm((before) => ({ ...before, backend: before.backend ?? preferred }));
        },
        (error: unknown) => {
          setProblem(`The training part did not start: ${messageOf(error)}`);
        },
      );
  }, [worker]);

  const start = (): void => {
    try {
      const plan = planOf(form);
      setProblem(undefined);
      training.begin(plan);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      setProblem(error.message);
    }
  };
  const busy = BUSY.includes(view.phase);
  const { backend } = form;
  const chosen = form.network === 'imported' ? form.imported : undefined;
  const imported = useMemo(() => chosen && backend && { files: chosen.files, backend }, [chosen, backend]);
  const isOpen = view.phase === 'paused' || view.phase === 'finished';
  const facts = imported ? chosen?.facts : isOpen ? view.facts : undefined;
  return (
    <>
      <h2>Train a network in this page</h2>
      <p class="train-intro">
        Choose images and a network, press start, and watch it learn on your own device. Nothing is uploaded: images,
        network and results stay in this browser.
      </p>
      {(view.phase === 'idle' || (view.phase === 'failed' && !view.facts)) && (
        <SavedRunNotice backend={form.backend} onResume={training.resume} />
      )}
      <div class="train">
        <fieldset class="train-setup" disabled={busy}>
          <legend class="visually-hidden">What to train</legend>
          <DataPanel form={form} change={change} worker={worker} />
          <NetworkPanel form={form} change={change} worker={worker} />
          <BackendPanel form={form} change={change} backends={backends} />
          <SettingsPanel form={form} change={change} />
        </fieldset>
        <div class="train-run">
          <RunPanel training={training} backend={form.backend} canStart={backends !== undefined} onStart={start}>
            {problem !== undefined && <Notice kind="error">{problem}</Notice>}
          </RunPanel>
          {isOpen && <ExportPanel worker={worker} />}
          {facts && !busy && (
            <TryPanel
              // Predictions of another network or run are cleared.
              key={`${imported ? 'imported' : 'trained'} ${facts.classNames.join()}`}
              facts={facts}
              imported={imported}
              worker={worker}
            />
          )}
        </div>
      </div>
    </>
  );
}
