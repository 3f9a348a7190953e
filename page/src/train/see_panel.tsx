/** Button that opens the trained network in See. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { showInSee } from '../see/open_model.js';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import type { Worker } from './use_training.js';

interface SeePanelProps {
  /** Name of the network for people. */
  readonly name: string;
  readonly worker: () => Promise<Worker>;
}

export function SeePanel({ name, worker }: SeePanelProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const [isOpening, setOpening] = useState(false);
  const open = async (): Promise<void> => {
    setProblem(undefined);
    setOpening(true);
    try {
      const { engine } = await worker();
      const { files } = await engine.exportModel();
      showInSee(files, name);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setOpening(false);
    }
  };
  return (
    <section class="panel" aria-labelledby="look-title">
      <h3 id="look-title">See what it looks at</h3>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="row">
        <button type="button" disabled={isOpening} onClick={() => void open()}>
          Open it in See
        </button>
        <span class="quiet">See shows which pixels of an image of yours each part of the network uses.</span>
      </div>
    </section>
  );
}
