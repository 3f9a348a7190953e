/** Results of a run, or of an imported network: answers to test images, files, and a panel to try it. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { EncodedModel } from 'tfjs-convolutions/training';
import type { BackendName } from '../engine/backends.js';
import { ExportPanel } from './export_panel.js';
import type { Form } from './form.js';
import { NothingYet } from './nothing_yet.js';
import type { NetworkFacts } from './protocol.js';
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
  const chosen = form.network === 'imported' ? form.imported : undefined;
  const importable = useImported(chosen?.files, form.backend);
  const trained = trainedFacts(view);
  /** Run in place of which the imported network is tried. */
  const [replaced, setReplaced] = useState<string>();
  const imported = trained && replaced !== view.id ? undefined : importable;
  const facts = imported ? chosen?.facts : trained;
  if (!facts) return <NothingYet data={form.data} classes={form.classes} />;
  return (
    <>
      <TryPanel
        // Predictions of another network or run are cleared.
        key={`${imported ? 'imported' : `trained ${view.id}`} ${facts.classNames.join()}`}
        facts={facts}
        imported={imported}
        worker={worker}
      >
        {trained && importable && (
          <TriedNetwork
            isImported={imported !== undefined}
            onChoose={(isImported) => {
              setReplaced(isImported ? view.id : undefined);
            }}
          />
        )}
      </TryPanel>
      {trained && <SeePanel key={`see ${view.id}`} name={view.title ?? 'The trained network'} worker={worker} />}
      {trained && <ExportPanel key={`export ${view.id}`} classNames={trained.classNames} worker={worker} />}
      {trained && (
        <TestPanel key={`test ${view.id}`} classNames={trained.classNames} epoch={view.rows.length} worker={worker} />
      )}
    </>
  );
}

function trainedFacts({ phase, facts }: TrainingView): NetworkFacts | undefined {
  return phase === 'paused' || phase === 'finished' ? facts : undefined;
}

/** An imported network and the backend to run it on; undefined without either. */
function useImported(files: EncodedModel | undefined, backend: BackendName | undefined) {
  return useMemo(() => files && backend && { files, backend }, [files, backend]);
}

interface TriedNetworkProps {
  readonly isImported: boolean;
  readonly onChoose: (isImported: boolean) => void;
}

/** Choice of the network to try where there are two. */
function TriedNetwork({ isImported, onChoose }: TriedNetworkProps): JSX.Element {
  return (
    <label class="field">
      Network to try
      <select
        value={isImported ? 'imported' : 'trained'}
        onChange={({ currentTarget }) => {
          onChoose(currentTarget.value === 'imported');
        }}
      >
        <option value="trained">the trained one</option>
        <option value="imported">the imported one, as it was</option>
      </select>
    </label>
  );
}
