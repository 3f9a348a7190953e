/** Input field for an offset. */
import type { JSX } from 'preact';

export interface OffsetFieldProps {
  readonly label: string;
  readonly value: number;
  readonly step: number;
  readonly onInput: (value: number) => void;
}

/** Largest offset. */
const FURTHEST = 8;

export function OffsetField({ label, value, step, onInput }: OffsetFieldProps): JSX.Element {
  return (
    <label class="control">
      <span>{label}</span>
      <input
        type="number"
        min={-FURTHEST}
        max={FURTHEST}
        step={step}
        value={value}
        onInput={({ currentTarget }) => {
          const next = currentTarget.valueAsNumber;
          if (Math.abs(next) <= FURTHEST) onInput(next);
        }}
      />
    </label>
  );
}
