/** A button that copies a text, and says that it did. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface CopyButtonProps {
  readonly label: string;
  /** Name of the button if its label is too short to stand alone. */
  readonly name?: string;
  readonly text: () => string;
}

/** Milliseconds that the outcome is shown. */
const SHOWN_MS = 2500;

export function CopyButton({ label, name = label, text }: CopyButtonProps): JSX.Element {
  const [outcome, setOutcome] = useState<string>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = async (): Promise<void> => {
    try {
      // Absent on addresses without https.
      await navigator.clipboard.writeText(text());
      setOutcome('Copied');
    } catch {
      setOutcome('The browser does not allow copying');
    }
  };
  return (
    <>
      <button type="button" aria-label={name} onClick={() => void copy()}>
        {label}
      </button>
      <span class="quiet" role="status">
        {outcome}
      </span>
    </>
  );
}
