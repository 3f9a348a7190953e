/** Radio buttons with a title and a sentence each. */
import type { ComponentChildren, JSX } from 'preact';

interface ChoiceProps {
  /** The same for all choices of a group. */
  readonly group: string;
  readonly title: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChoose: () => void;
  /** What it means. */
  readonly children?: ComponentChildren;
}

export function Choice({ group, title, checked, disabled = false, onChoose, children }: ChoiceProps): JSX.Element {
  return (
    <label class={`option${disabled ? ' absent' : ''}`}>
      <input type="radio" name={group} checked={checked} disabled={disabled} onChange={onChoose} />
      <span>
        <strong>{title}</strong>
        {children !== undefined && <span class="quiet">{children}</span>}
      </span>
    </label>
  );
}
