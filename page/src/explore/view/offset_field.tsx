/** Input field for an offset. */
import type { JSX } from 'preact';
import { NumberInput } from './number_input.js';

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
      <NumberInput name={label} min={-FURTHEST} max={FURTHEST} {...{ step, value, onInput }} />
    </label>
  );
}
