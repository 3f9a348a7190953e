/** A message of the page to its reader. Errors are read out at once, the rest when the reader pauses. */
import type { ComponentChildren, JSX } from 'preact';

export interface NoticeProps {
  readonly kind: 'error' | 'info';
  readonly children: ComponentChildren;
}

export function Notice({ kind, children }: NoticeProps): JSX.Element {
  return (
    <p class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </p>
  );
}
