/** Choice between all stages of a picture at once and one after the other. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface ActsProps {
  /** Names of the stages. */
  readonly acts: readonly string[];
  /** Stage that is shown alone; `null` for all of them. */
  readonly act: number | null;
  readonly onChoose: (act: number | null) => void;
}

export function Acts({ acts, act, onChoose }: ActsProps): JSX.Element {
  const name = useId();
  const choices = [
    { label: 'both at once', value: null },
    ...acts.map((each, index) => ({ label: `${index + 1}. ${each}`, value: index })),
  ];
  return (
    <fieldset class="toolbar acts">
      <legend class="visually-hidden">Acts</legend>
      {choices.map(({ label, value }) => (
        <label class="inline-control" key={label}>
          <input type="radio" name={name} checked={act === value} onChange={() => onChoose(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
