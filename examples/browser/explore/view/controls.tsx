/** The fields of a convolution. What does not fit together is said under the field that was changed. */
import type { JSX } from 'preact';
import { Notice } from '../../shared/notice.js';
import type { Convolution } from '../model/convolution.js';
import { FIELDS, type FieldName, type Settings } from '../model/settings.js';

export interface Fault {
  /** The field that was changed last, if any was. */
  readonly field: FieldName | undefined;
  readonly message: string;
}

export interface ControlsProps {
  readonly convolution: Convolution;
  readonly settings: Settings;
  readonly fault: Fault | undefined;
  readonly onChange: (field: FieldName, value: Settings[FieldName]) => void;
}

/** Fields that say nothing as others stand. */
function isShown(name: FieldName, { padding }: Settings): boolean {
  if (name === 'amount') return padding === 'amount';
  if (name === 'mode') return padding !== 'valid';
  return true;
}

export function Controls({ convolution, settings, fault, onChange }: ControlsProps): JSX.Element {
  const message = fault && (
    <div class="fault" id="fault">
      <Notice kind="error">{fault.message} The picture still shows what fitted last.</Notice>
    </div>
  );
  const names = convolution.fields.filter((name) => isShown(name, settings));
  const hasPlace = names.some((name) => name === fault?.field);
  return (
    <fieldset class="controls panel">
      <legend class="visually-hidden">Settings of the convolution</legend>
      {names.map((name) => (
        <>
          <Control
            key={name}
            name={name}
            value={settings[name]}
            isAtFault={fault?.field === name}
            onChange={(value) => onChange(name, value)}
          />
          {fault?.field === name ? message : null}
        </>
      ))}
      {hasPlace ? null : message}
    </fieldset>
  );
}

interface ControlProps {
  readonly name: FieldName;
  readonly value: Settings[FieldName];
  readonly isAtFault: boolean;
  readonly onChange: (value: Settings[FieldName]) => void;
}

function Control({ name, value, isAtFault, onChange }: ControlProps): JSX.Element {
  const field = FIELDS[name];
  const described = isAtFault ? { 'aria-invalid': true, 'aria-describedby': 'fault' } : {};
  if (field.kind === 'choice') {
    return (
      <label class="control">
        <span>{field.label}</span>
        <select
          {...described}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value as Settings[FieldName])}
        >
          {Object.entries(field.options).map(([option, label]) => (
            <option key={option} value={option}>
              {label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const { min, max, step } = field;
  const set = (next: number): void => {
    if (Number.isFinite(next) && next >= min && next <= max)
      onChange(Number((Math.round(next / step) * step).toFixed(2)));
  };
  const current = value as number;
  return (
    <div class="control">
      <label for={`field-${name}`}>{field.label}</label>
      <span class="stepper">
        <button
          type="button"
          aria-label={`${field.label}: less`}
          disabled={current - step < min}
          onClick={() => set(current - step)}
        >
          −
        </button>
        <input
          {...described}
          id={`field-${name}`}
          type="number"
          inputMode="decimal"
          {...{ min, max, step }}
          value={current}
          onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
          onBlur={({ currentTarget }) => (currentTarget.value = String(current))}
        />
        <button
          type="button"
          aria-label={`${field.label}: more`}
          disabled={current + step > max}
          onClick={() => set(current + step)}
        >
          +
        </button>
      </span>
    </div>
  );
}
