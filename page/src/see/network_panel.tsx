/** Panel to choose the network, possibly the user's own, and the backend. */
import type { JSX } from 'preact';
import type { ProbedBackend } from '../engine/backends.js';
import { BackendSelect } from '../shared/backend_select.js';
import { FilePicker } from '../shared/file_picker.js';
import type { SeeState, Session } from './session.js';

interface Props {
  readonly state: SeeState;
  readonly session: Session;
}

export function NetworkPanel({ state, session }: Props): JSX.Element {
  const { network, isOwn, backends, backend } = state;
  return (
    <section class="panel" aria-labelledby="see-network">
      <h3 id="see-network">The network</h3>
      <p>{network?.title ?? 'Not loaded yet.'}</p>
      <div class="see-row">
        <FilePicker
          label="Load a network of your own …"
          multiple
          accept=".json,.bin"
          onFiles={(files) => void session.useNetwork(files)}
        />
        {isOwn && <button onClick={() => void session.useNetwork(undefined)}>Back to the digits’ networks</button>}
      </div>
      <p class="see-quiet">
        model.json and its weights, chosen together, as Train exports them or <code>tfjs-convolutions train</code>{' '}
        writes them. It must have a deformable layer.
      </p>
      {backends.length > 0 && (
        <>
          <BackendSelect backends={backends} value={backend} onChoose={(name) => void session.open(name)} />
          <ul class="see-quiet">
            {backends.map((one) => (
              <li key={one.name}>
                <strong>{one.name}</strong>: {describe(one)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function describe({ reason, isSoftware, device }: ProbedBackend): string {
  if (reason !== undefined) return `not here, because ${reason}`;
  return isSoftware ? 'here without a graphics card: its work is imitated by the processor, slower than wasm' : device;
}
