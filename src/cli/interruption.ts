/** Ctrl-C: ends the program at once, unless a command has something to finish and to save first. */
import { EXIT } from './exit_status.js';

/** Ctrl-C as a signal to stop soon. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** From here on Ctrl-C ends the program at once again. */
  release(): void;
}

/** Makes Ctrl-C end the program with the status of an interruption. */
export function exitOnInterrupt(): void {
  process.on('SIGINT', exitAtOnce);
}

/**
 * Turns the first Ctrl-C into a signal; a second one ends the program at once.
 *
 * @param announce Called at the first Ctrl-C.
 */
export function deferInterrupt(announce: () => void): Interruption {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    release();
    announce();
    controller.abort();
  };
  const release = (): void => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGINT', exitAtOnce);
    exitOnInterrupt();
  };
  process.off('SIGINT', exitAtOnce);
  process.on('SIGINT', onInterrupt);
  return { signal: controller.signal, release };
}

function exitAtOnce(): never {
  process.exit(EXIT.interrupted);
}
