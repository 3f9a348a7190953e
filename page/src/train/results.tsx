/** Results of a run, or of an imported network: answers to test images, files, and a panel to try it. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { ExportPanel } from './export_panel.js';
import type { Form } from './form.js';
import { NothingYet } from './nothing_yet.js';
import { SeePanel } from './see_panel.js';
import { TestPanel } from './test_panel.js';
import { TryPanel } from './try_panel.js';
import type { Training, TrainingView } from './use_training.js';

interface ResultsProps {
  readonly form: Form;
  readonly view: TrainingView;
  readonly worker: Training['worker'];
}

export function Results({ form, view, worker }: ResultsProps): JSX.Element {
  const { backend } = form;
  const chosen = form.network === 'imported' ? form.imported : undefined;
  const imported = useMemo(() => chosen && backend && { files: chosen.files, backend }, [chosen, backend]);
  const isOpen = view.phase === 'paused' || view.phase === 'finished';
  const trained = isOpen ? view.facts : undefined;
  const facts = imported ? chosen?.facts : trained;
  if (!facts) return <NothingYet data={form.data} classes={form.classes} />;
  return (
    <>
      <TryPanel
        // Predictions of another network or run are cleared.
        key={`${imported ? 'imported' : 'trained'} ${facts.classNames.join()}`}
        facts={facts}
        imported={imported}
        worker={worker}
      />
      {trained && <SeePanel key={`see ${view.id}`} name={view.title ?? 'The trained network'} worker={worker} />}
      {trained && <ExportPanel key={`export ${view.id}`} classNames={trained.classNames} worker={worker} />}
      {trained && (
        <TestPanel key={`test ${view.id}`} classNames={trained.classNames} epoch={view.rows.length} worker={worker} />
      )}
    </>
  );
}
