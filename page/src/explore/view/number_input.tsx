/** A number in a range. One out of range stays in the field, with the rule beside it, and changes nothing. */
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { useTexts } from '../texts/use_texts.js';

export interface NumberInputProps {
  /** Name of the value in the message. */
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Step of the arrow keys; with 1, only whole numbers fit. */
  readonly step: number;
  readonly onInput: (value: number) => void;
  readonly id?: string;
  /** ID of another message about the value, if there is one. */
  readonly fault?: string | undefined;
}

export function NumberInput(props: NumberInputProps): JSX.Element {
  const { name, value, min, max, step, onInput, id, fault } = props;
  const texts = useTexts();
  /** Text in the field as long as it is no value. */
  const [draft, setDraft] = useState<string>();
  const ruleId = useId();
  useEffect(() => setDraft(undefined), [value]);
  const fits = (next: number): boolean => next >= min && next <= max && (step !== 1 || Number.isInteger(next));
  // An empty field is one that is being typed in.
  const isWrong = draft !== undefined && draft !== '';
  const described = [isWrong ? ruleId : undefined, fault].filter((each) => each !== undefined).join(' ');
  return (
    <>
      <input
        {...(id === undefined ? {} : { id })}
        type="number"
        inputMode="decimal"
        {...{ min, max, step }}
        value={draft ?? value}
        {...(described === '' ? {} : { 'aria-invalid': true, 'aria-describedby': described })}
        onInput={({ currentTarget }) => {
          const next = currentTarget.valueAsNumber;
          setDraft(fits(next) ? undefined : currentTarget.value);
          if (fits(next)) onInput(next);
        }}
        onBlur={() => {
          if (draft === '') setDraft(undefined);
        }}
      />
      {isWrong ? (
        <span class="rule" id={ruleId} role="alert">
          {texts.rule(name, step === 1, [write(min), write(max)], write(value))}
        </span>
      ) : null}
    </>
  );
}

const write = (value: number): string => String(value).replace('-', '−');
