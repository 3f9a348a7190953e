/**
 * Signals that end the program: Ctrl-C, SIGTERM from `kill` and job schedulers, SIGHUP from a closing terminal. The
 * program exits immediately, unless a command defers the signal to finish a step and save its state first.
 */
import { EXIT, type ExitStatus } from './exit_status.js';

/** Exit status of each signal: 128 plus its number, as in shells. */
const STATUSES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;

type EndingSignal = keyof typeof STATUSES;

const SIGNALS = Object.keys(STATUSES) as readonly EndingSignal[];

/** Deferred handling of the first signal. */
export interface Interruption {
  /** Aborted when the first signal arrives. */
  readonly signal: AbortSignal;
  /** Exit status for the signal that arrived. */
  readonly status: ExitStatus;
  /** Restores the default: a signal ends the program immediately. */
  release(): void;
}

/** Makes each signal end the program immediately, with its own exit status. */
export function exitOnInterrupt(): void {
  for (const name of SIGNALS) process.on(name, exitAtOnce);
}

/**
 * Turns the first signal into a request to stop; a second one ends the program immediately.
 *
 * @param announce Called on the first signal.
 */
export function deferInterrupt(announce: () => void): Interruption {
  const controller = new AbortController();
  let status: ExitStatus = EXIT.interrupted;
  const onInterrupt = (name: NodeJS.Signals): void => {
    status = STATUSES[name as EndingSignal];
    release();
    announce();
    controller.abort();
  };
  const release = (): void => {
    for (const name of SIGNALS) {
      process.off(name, onInterrupt);
      process.off(name, exitAtOnce);
    }
    exitOnInterrupt();
  };
  for (const name of SIGNALS) {
    process.off(name, exitAtOnce);
    process.on(name, onInterrupt);
  }
  return {
    signal: controller.signal,
    get status() {
      return status;
    },
    release,
  };
}

function exitAtOnce(name: NodeJS.Signals): never {
  process.exit(STATUSES[name as EndingSignal]);
}
