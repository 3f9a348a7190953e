/**
 * Loss of standard output: a reader that closes early (`| head`), a full disk, a closed terminal. A command whose only
 * result is what it prints exits with a failure status; training continues, since its result is the files it writes.
 */
import { EXIT, printError, printNote } from './exit_status.js';

type Handler = (error: NodeJS.ErrnoException) => void;

/** Called when writing to standard output fails. */
let handler: Handler = exitWithoutReader;

/** Exits without a stack trace when standard output is lost, for whatever reason. */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    handler(error);
  });
  // There is nowhere left to report it.
  process.stderr.on('error', () => undefined);
}

/** From now on a loss of standard output is reported once on stderr and otherwise ignored. */
export function tolerateLostOutput(): void {
  handler = (error) => {
    handler = () => undefined;
    const reason = isClosed(error) ? 'closed by its reader' : (error.code ?? error.message);
    printNote(`standard output was lost (${reason}); training continues without it`);
  };
}

function exitWithoutReader(error: NodeJS.ErrnoException): void {
  // The status of a program that the system ends for writing to a closed pipe.
  if (isClosed(error)) process.exit(EXIT.closedOutput);
  printError(
    `Cannot write the result: standard output must be writable, received error = ${error.code ?? error.message}`,
  );
  process.exit(EXIT.failure);
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EOF' || code === 'ERR_STREAM_DESTROYED';
}
