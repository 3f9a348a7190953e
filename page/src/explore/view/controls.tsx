/** Controls of a convolution. An inconsistency is reported below the field that was changed. */
import type { JSX } from 'preact';
import { Notice } from '../../shared/notice.js';
import type { Convolution } from '../model/convolution.js';
import { FIELDS, type FieldName, type Settings } from '../model/settings.js';
import { NumberInput } from './number_input.js';

export interface Fault {
  /** Field that was changed last, if any. */
  readonly field: FieldName | undefined;
  readonly message: string;
}

export interface ControlsProps {
  readonly convolution: Convolution;
  readonly settings: Settings;
  readonly fault: Fault | undefined;
  readonly onChange: (field: FieldName, value: Settings[FieldName]) => void;
}

/** ID of the message about values that do not fit together. */
const FAULT = 'fault';

/** Fields that have no effect with the current values of others. */
function isShown(name: FieldName, { padding, stack }: Settings): boolean {
  if (name === 'amount') return padding === 'amount';
  if (name === 'growth') return stack > 1;
  if (name === 'mode') return padding !== 'valid';
  return true;
}

export function Controls({ convolution, settings, fault, onChange }: ControlsProps): JSX.Element {
  const message = fault && (
    <div class="fault" id={FAULT}>
      <Notice kind="error">{fault.message} The picture still shows the last settings that worked.</Notice>
    </div>
  );
  const names = convolution.fields.filter((name) => isShown(name, settings));
  const isNamed = names.some((name) => name === fault?.field);
  return (
    <fieldset class="controls panel">
      <legend class="visually-hidden">Convolution settings</legend>
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
      {isNamed ? null : message}
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
  const described = isAtFault ? { 'aria-invalid': true, 'aria-describedby': FAULT } : {};
  const id = `field-${name}`;
  return (
    <div class="control">
      <label for={id}>{field.label}</label>
      {field.kind === 'choice' ? (
        <select
          {...described}
          id={id}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value as Settings[FieldName])}
        >
          {Object.entries(field.options).map(([option, label]) => (
            <option key={option} value={option}>
              {label}
            </option>
          ))}
        </select>
      ) : (
        <Stepper {...field} id={id} fault={isAtFault ? FAULT : undefined} value={value as number} onChange={onChange} />
      )}
    </div>
  );
}

interface StepperProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly id: string;
  /** ID of the message if the value does not fit those of other fields. */
  readonly fault: string | undefined;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function Stepper({ label, min, max, step, id, fault, value, onChange }: StepperProps): JSX.Element {
  const set = (next: number): void => {
    onChange(Number((Math.round(next / step) * step).toFixed(2)));
  };
  return (
    <span class="stepper">
      <button
        type="button"
        aria-label={`${label}: less`}
        disabled={value - step < min}
        onClick={() => set(value - step)}
      >
        −
      </button>
      <NumberInput name={label} {...{ id, fault, min, max, step, value, onInput: onChange }} />
      <button
        type="button"
        aria-label={`${label}: more`}
        disabled={value + step > max}
        onClick={() => set(value + step)}
      >
        +
      </button>
    </span>
  );
}
