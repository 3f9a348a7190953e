/** Selects the backend to run on. Backends that do not work here are listed but disabled. */
import type { JSX } from 'preact';
import type { BackendName, ProbedBackend } from '../engine/backends.js';

interface Props {
  readonly backends: readonly ProbedBackend[];
  /** The selected backend, if any. */
  readonly value: BackendName | undefined;
  readonly onChoose: (name: BackendName) => void;
}

export function BackendSelect({ backends, value, onChoose }: Props): JSX.Element {
  return (
    <label class="backend-select">
      Backend
      <select value={value ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value as BackendName)}>
        {value === undefined && <option value="">not chosen yet</option>}
        {backends.map(({ name, reason, isPreferred }) => (
          <option key={name} value={name} disabled={reason !== undefined}>
            {name}
            {isPreferred ? ' (best here)' : ''}
            {reason === undefined ? '' : ' (not here)'}
          </option>
        ))}
      </select>
    </label>
  );
}
