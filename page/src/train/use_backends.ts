/** Backends of this device; the best one is chosen. */
import { useEffect, useState } from 'preact/hooks';
import type { ProbedBackend } from '../engine/backends.js';
import { messageOf } from '../shared/message_of.js';
import { within } from '../shared/within.js';
import type { KeptForm } from './use_kept_form.js';
import type { Training } from './use_training.js';

/** Longest time for the backends to be detected, in milliseconds. */
const LONGEST_PROBE = 30_000;

interface Backends {
  /** Undefined until they are known. */
  readonly backends: readonly ProbedBackend[] | undefined;
  /** Reason why they will never be known. */
  readonly failure: string | undefined;
}

export function useBackends(worker: Training['worker'], change: KeptForm['change']): Backends {
  const [backends, setBackends] = useState<readonly ProbedBackend[]>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const probe = async (): Promise<void> => {
      const { engine } = await worker();
      const found = await within(engine.backends(), LONGEST_PROBE, 'the graphics drivers do not answer');
      setBackends(found);
      const preferred = found.find(({ isPreferred }) => isPreferred)?.name;
      change((before) => ({ backend: before.backend ?? preferred }));
    };
    probe().catch((error: unknown) => {
      setFailure(`The training part did not start: ${messageOf(error)}`);
    });
  }, [worker, change]);
  return { backends, failure };
}
