/** Panel to choose the backend: the best one is preselected, and unavailable ones give a reason. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ProbedBackend } from '../engine/backends.js';
import { singleThreadReason } from '../shared/isolation.js';
import { Choice } from './choice.js';
import type { Form } from './form.js';

const TITLES = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'JavaScript' } as const;

interface BackendPanelProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly backends: readonly ProbedBackend[] | undefined;
}

export function BackendPanel({ form, change, backends }: BackendPanelProps): JSX.Element {
  const [singleThread, setSingleThread] = useState<string>();
  useEffect(() => {
    void singleThreadReason.then(setSingleThread);
  }, []);
  return (
    <section class="backend" aria-labelledby="backend-title">
      <h4 id="backend-title">Backend</h4>
      {backends ? (
        <div class="options" role="radiogroup" aria-labelledby="backend-title">
          {backends.map((backend) => (
            <Choice
              key={backend.name}
              group="backend"
              title={`${TITLES[backend.name]} (${backend.name})${backend.isPreferred ? ' · best here' : ''}`}
              checked={form.backend === backend.name}
              disabled={backend.reason !== undefined}
              onChoose={() => {
                change({ backend: backend.name });
              }}
            >
              {describe(backend, singleThread)}
            </Choice>
          ))}
        </div>
      ) : (
        <p role="status">Checking what this device supports …</p>
      )}
    </section>
  );
}

function describe({ name, reason, device, isSoftware }: ProbedBackend, singleThread: string | undefined): string {
  if (reason !== undefined) return `Not available: ${reason}.`;
  if (isSoftware) return `${device}: a software renderer, slower than wasm.`;
  return name === 'wasm' && singleThread !== undefined ? `${device}: ${singleThread}.` : `${device}.`;
}
