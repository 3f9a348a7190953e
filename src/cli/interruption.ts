/**
 * Signals that end the program: Ctrl-C, the request to end of `kill` and of schedulers, the terminal that closes. They end
 * it at once, unless a command has something to finish and to save first.
 */
import { EXIT, type ExitStatus } from './exit_status.js';

/** The signals and the exit status of each, 128 and its number as shells count. */
const STATUSES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;

type EndingSignal = keyof typeof STATUSES;

const SIGNALS = Object.keys(STATUSES) as readonly EndingSignal[];

/** A signal of the system as a signal to stop soon. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Exit status that belongs to what stopped the program. */
  readonly status: ExitStatus;
  /** From here on signals end the program at once again. */
  release(): void;
}

/** Makes each signal end the program with the status of its own. */
export function exitOnInterrupt(): void {
  for (const name of SIGNALS) process.on(name, exitAtOnce);
}

/**
 * Turns the first signal into one to stop soon; a second one ends the program at once.
 *
 * @param announce Called at the first signal.
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
