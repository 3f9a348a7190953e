/** A message to the user. Screen readers announce errors immediately and other messages at the next pause. */
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
