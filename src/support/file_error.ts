/** Turns file system errors into one line that names the file, the problem and a remedy. */
import { oneLine } from '../errors.js';

/** Rules that a file system enforces, by the code of its error. */
const RULES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk must have space left (free some, then try again)',
  EDQUOT: 'the quota of this user must have space left (free some, then try again)',
  EFBIG: 'the file must not be larger than the file system allows (choose another disk)',
  EROFS: 'the file system must be writable (it is mounted read-only: choose another folder)',
  EACCES: 'this user must have permission (change it, or choose another folder)',
  EPERM: 'this user must have permission (change it, or choose another folder)',
  ENOENT: 'its folder must exist (it is missing, or was removed or renamed meanwhile)',
  EEXIST: 'there must be no file of this name (remove it, or choose another)',
  ENOTDIR: 'every part of its path but the last must be a folder',
  EISDIR: 'it must be a file (it is a folder)',
  ELOOP: 'its symbolic links must lead to a file (they lead in a circle)',
  ENAMETOOLONG: 'its name must be shorter',
  EMFILE: 'this process must have fewer files open (or a higher limit: ulimit -n)',
  ENFILE: 'the system must have fewer files open',
  EIO: 'the disk must be intact (it reported an input/output error: check it, or choose another)',
};

/** A file that the system does not allow this process to read or write. */
export class FileAccessError extends Error {
  override readonly name = 'FileAccessError';

  /**
   * @param action action to name in the message: "Cannot ⟨action⟩: …"
   * @param file path of the file
   * @param cause file system error, with its `code`
   */
  constructor(
    action: string,
    readonly file: string,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    const code = cause.code ?? 'unknown';
    const rule = RULES[code] ?? `the system must allow it (${code})`;
    super(oneLine(`Cannot ${action}: ${rule}, received file = '${file}'`));
  }
}

/** Wraps an error raised by the file system in a {@link FileAccessError}; returns any other error unchanged. */
export function fileError(action: string, file: string, error: unknown): unknown {
  return isSystemError(error) ? new FileAccessError(action, file, error) : error;
}

/** Tests for an error of an operating system call, from this realm or another. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}
