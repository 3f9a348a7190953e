/** Exit statuses of the program, and the errors that lead to them. */
import { CommanderError } from 'commander';
import { oneLine } from '../errors.js';
import { FileAccessError, isSystemError } from '../support/file_error.js';
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

/** Characters to keep at either end of a long message: a path alone may have 4,096. */
const HALF_LINE = 400;

/** Exit status of the program. */
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** An invalid command line: unknown words, values out of range, options that exclude each other. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Prints an error as one line on stderr and returns its exit status. */
export function reportError(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return reportCommanderError(error);
  printError(describe(error));
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** The message of an error; an unforeseen file system error also gets advice on what to do. */
export function describe(error: unknown): string {
  if (isSystemError(error)) return new FileAccessError('use the file', error.path ?? '', error).message;
  return error instanceof Error ? error.message : String(error);
}

/** Prints an error as one line on stderr. */
export function printError(message: string): void {
  process.stderr.write(`${onStderr.red('error:')} ${toLine(message)}\n`);
}

/** Prints a note, which is not an error, as one line on stderr. */
export function printNote(message: string): void {
  process.stderr.write(`note: ${toLine(message)}\n`);
}

/** The message on one line. A message that repeats a long argument is cut in the middle: its end states the rule. */
function toLine(message: string): string {
  const line = oneLine(message.replace(/\s*\n\s*/g, ' ')).trim();
  return line.length > 2 * HALF_LINE ? `${line.slice(0, HALF_LINE)} … ${line.slice(-HALF_LINE)}` : line;
}

/** Reports a command line without a command and returns its exit status. */
export function reportNoCommand(): ExitStatus {
  printError("a command must be given: train, evaluate, predict, analyze or convert (see 'tfjs-convolutions --help')");
  return EXIT.usage;
}

/** The parser has already printed its error, except for a missing command; help and version are not errors. */
function reportCommanderError({ code, exitCode }: CommanderError): ExitStatus {
  if (exitCode === 0) return EXIT.success;
  return code === 'commander.help' ? reportNoCommand() : EXIT.usage;
}
