/** Panel to export the trained network as files. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { download } from './download.js';
import type { Worker } from './use_training.js';

export function ExportPanel({ worker }: { readonly worker: () => Promise<Worker> }): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const save = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const { engine } = await worker();
      const { topology, weights } = await engine.exportModel();
      download('model.json', new Blob([topology], { type: 'application/json' }));
      download('weights.bin', new Blob([weights as Uint8Array<ArrayBuffer>]));
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section class="panel" aria-labelledby="export-title">
      <h3 id="export-title">Export</h3>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="row">
        <button type="button" onClick={() => void save()}>
          Export the network
        </button>
        <span class="quiet">
          Two files, model.json and weights.bin, for <code>tf.loadLayersModel</code>, for{' '}
          <code>tfjs-convolutions evaluate</code>, and for the import above.
        </span>
      </div>
    </section>
  );
}
