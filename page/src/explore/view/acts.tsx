/** Choice between all stages of a picture at once and one after the other. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { ActName } from '../model/convolution.js';
import { useTexts } from '../texts/use_texts.js';

export interface ActsProps {
  /** Names of the stages. */
  readonly acts: readonly ActName[];
  /** Stage that is shown alone; `null` for all of them. */
  readonly act: number | null;
  readonly onChoose: (act: number | null) => void;
}

export function Acts({ acts, act, onChoose }: ActsProps): JSX.Element {
  const name = useId();
  const { acts: texts } = useTexts();
  const choices = [
    { label: texts.all, value: null },
    ...acts.map((each, index) => ({ label: `${index + 1}. ${texts.name(each)}`, value: index })),
  ];
  return (
    <fieldset class="toolbar acts">
      <legend class="visually-hidden">{texts.title}</legend>
      {choices.map(({ label, value }) => (
        <label class="inline-control" key={label}>
          <input type="radio" name={name} checked={act === value} onChange={() => onChoose(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
