/** Notice of the last removal from the images, with a button that takes it back. */
import type { JSX } from 'preact';
import type { ImageClass } from './protocol.js';

export interface Removal {
  /** A sentence that says it. */
  readonly text: string;
  /** Identifiers of the classes beside it, or of its own: without any of them there is nothing to bring it back to. */
  readonly among: readonly string[];
  readonly restore: () => void;
}

interface UndoRemovalProps {
  readonly removal: Removal | undefined;
  readonly classes: readonly ImageClass[];
  readonly onUndo: (removal: Removal) => void;
}

export function UndoRemoval({ removal, classes, onUndo }: UndoRemovalProps): JSX.Element {
  const shown = removal && classes.some(({ id }) => removal.among.includes(id)) ? removal : undefined;
  return (
    <>
      <span class="quiet" role="status">
        {shown?.text}
      </span>
      {shown && (
        <button
          type="button"
          onClick={() => {
            onUndo(shown);
          }}
        >
          Undo<span class="visually-hidden"> the removal</span>
        </button>
      )}
    </>
  );
}
