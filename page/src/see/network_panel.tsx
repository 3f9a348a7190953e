/** Panel to choose a network of the user, and the backend. */
import type { JSX } from 'preact';
import type { ProbedBackend } from '../engine/backends.js';
import { BackendSelect } from '../shared/backend_select.js';
import { FilePicker } from '../shared/file_picker.js';
import { MODEL_ENDS, readOwnModel } from './read_own_model.js';
import type { SeeState, Session } from './session.js';

interface Props {
  readonly state: SeeState;
  readonly session: Session;
}

export function NetworkPanel({ state, session }: Props): JSX.Element {
  const { network, backends, backend } = state;
  return (
    <section class="panel" aria-labelledby="see-network">
      <h3 id="see-network">A network of your own</h3>
      {network && <p>{network.title}</p>}
      <div class="see-row">
        <FilePicker
          label="Open a network …"
          multiple
          accept={MODEL_ENDS.join()}
          onFiles={(files) => void session.useNetwork(readOwnModel(files))}
        />
        {network && <button onClick={() => void session.showScenes()}>Back to the scenes</button>}
      </div>
      <p class="see-quiet">
        Or drop it anywhere on the page. The layers format of TensorFlow.js (model.json and its weights, together), as
        Train exports it or <code>tfjs-convolutions train</code> writes it; Keras (.keras, .h5); ONNX. It stays on your
        device.
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
  return isSoftware ? 'software renderer, slower than wasm' : device;
}
