/** Exit statuses of the program, and the errors that choose them. */
import { CommanderError } from 'commander';
import { FileAccessError, isSystemError } from '../training/file_error.js';
import { onStderr } from './colors.js';

export const EXIT = {
  success: 0,
  failure: 1,
  usage: 2,
  hungUp: 129,
  interrupted: 130,
  closedOutput: 141,
  terminated: 143,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** A wrong command line: unknown words, values out of range, options that exclude each other. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit status that belongs to an error, after its one line on stderr. */
export function reportError(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return reportCommanderError(error);
  printError(describe(error));
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** The message of an error; one that the file system raised where nobody foresaw it says what to do too. */
export function describe(error: unknown): string {
  if (isSystemError(error)) return new FileAccessError('use the file', error.path ?? '', error).message;
  return error instanceof Error ? error.message : String(error);
}

/** One line on stderr. */
export function printError(message: string): void {
  process.stderr.write(`${onStderr.red('error:')} ${message.replace(/\s*\n\s*/g, ' ').trim()}\n`);
}

/** One line on stderr about something that is no error. */
export function printNote(message: string): void {
  process.stderr.write(`note: ${message.replace(/\s*\n\s*/g, ' ').trim()}\n`);
}

/** The parser has printed its own line already; help and version are no errors. */
function reportCommanderError(error: CommanderError): ExitStatus {
  return error.exitCode === 0 ? EXIT.success : EXIT.usage;
}
