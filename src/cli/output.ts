/**
 * Standard output that goes away: a reader that closes early (`| head`), a full disk, a terminal that is gone. A command
 * whose work is what it prints ends there, and says so by its status; a training has other work, and goes on.
 */
import { EXIT, printError, printNote } from './exit_status.js';

type Handler = (error: NodeJS.ErrnoException) => void;

/** Called when standard output cannot be written. */
let handler: Handler = exitWithoutReader;

/** Makes the program end when its output is lost, without a stack trace, whatever the reason. */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    handler(error);
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
}

/** From here on the program goes on without its output, and says so once on stderr. */
export function goOnWithoutOutput(): void {
  handler = (error) => {
    handler = () => undefined;
    const reason = isClosed(error) ? 'its reader has closed it' : (error.code ?? error.message);
    printNote(`standard output is lost (${reason}); the training goes on without it`);
  };
}

function exitWithoutReader(error: NodeJS.ErrnoException): void {
  // As a program that the system ends for writing to a closed pipe.
  if (isClosed(error)) process.exit(EXIT.closedOutput);
  printError(`Cannot write the result: standard output must take it, received error = ${error.code ?? error.message}`);
  process.exit(EXIT.failure);
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EOF' || code === 'ERR_STREAM_DESTROYED';
}
