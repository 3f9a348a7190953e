/** A panel that unfolds under its title; folded, it says what is chosen inside. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

interface FoldProps {
  /** Identifier of the title, for what it labels. */
  readonly id: string;
  readonly title: string;
  /** The present choice, in a few words. */
  readonly value: string;
  /** Unfolds the panel when it becomes true, and folds it when it becomes false. @default false */
  readonly opens?: boolean;
  readonly children: ComponentChildren;
}

export function Fold({ id, title, value, opens = false, children }: FoldProps): JSX.Element {
  const [isOpen, setOpen] = useState(opens);
  useEffect(() => {
    setOpen(opens);
  }, [opens]);
  return (
    <details
      class="panel fold"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
      }}
    >
      <summary>
        <h3 id={id}>{title}</h3>
        <span class="quiet">{value}</span>
      </summary>
      {children}
    </details>
  );
}
