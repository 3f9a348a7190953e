/** The worker that answers Explore's questions: opened at the first one, kept open, and given up if it does not answer. */
import { openEngine, type OpenEngine } from '../../engine/open_engine.js';

type Explore = OpenEngine<'explore'>;

export interface Session {
  readonly opened: Promise<Explore>;
  /** Rejects when the session is ended, so that nothing waits for ever for a worker that is no longer wanted. */
  readonly ended: Promise<never>;
}

interface RunningSession extends Session {
  readonly end: (reason: Error) => void;
}

let running: RunningSession | undefined;

/** Milliseconds after which a busy page opens the worker all the same. */
const BUSY_MS = 2000;

async function openWhenIdle(): Promise<Explore> {
  // Safari has no idle callback.
  await new Promise((resolve) =>
    'requestIdleCallback' in window
      ? requestIdleCallback(resolve, { timeout: BUSY_MS })
      : setTimeout(resolve, BUSY_MS / 10),
  );
  return openEngine('explore');
}

const ignore = (): void => undefined;

function start(): RunningSession {
  let reject!: (reason: Error) => void;
  const ended = new Promise<never>((_, refuse) => (reject = refuse));
  const opened = openWhenIdle();
  // Whoever waits is told; if nobody does, these must not become unhandled rejections.
  ended.catch(ignore);
  opened.catch(ignore);
  return {
    opened,
    ended,
    end: (reason) => {
      reject(reason);
      void opened.then((session) => {
        session.close(reason);
      }, ignore);
    },
  };
}

export function currentSession(): Session {
  running ??= start();
  return running;
}

/** Ends a session, if it is still the current one; the next question starts another. */
export function endSession(session: Session | undefined, reason: Error): void {
  if (running === undefined || running !== session) return;
  running.end(reason);
  running = undefined;
}
