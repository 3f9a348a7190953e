/** A radio button with a title and a description. */
import type { ComponentChildren, JSX } from 'preact';

interface ChoiceProps {
  /** Name of the group. */
  readonly group: string;
  readonly title: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChoose: () => void;
  /** Description. */
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
