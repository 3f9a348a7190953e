/** Exit statuses of the program, and the errors that choose them. */
import { CommanderError } from 'commander';
import { onStderr } from './colors.js';

export const EXIT = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** A wrong command line: unknown words, values out of range, options that exclude each other. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit status that belongs to an error, after its one line on stderr. */
export function reportError(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return reportCommanderError(error);
  printError(error instanceof Error ? error.message : String(error));
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** One line on stderr. */
export function printError(message: string): void {
  process.stderr.write(`${onStderr.red('error:')} ${message.replace(/\s*\n\s*/g, ' ').trim()}\n`);
}

/** The parser has printed its own line already; help and version are no errors. */
function reportCommanderError(error: CommanderError): ExitStatus {
  return error.exitCode === 0 ? EXIT.success : EXIT.usage;
}
