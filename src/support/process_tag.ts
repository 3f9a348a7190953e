/**
 * Tags in the names of temporary files, which identify their owner. A tag is unique, so that no two writers share a file,
 * and names its process, so that leftovers of a killed process can be told from files that are being written.
 */
import { createHash, randomBytes } from 'node:crypto';
import os from 'node:os';

const PATTERN = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/;

/** Creates a new tag for this process. */
export function newTag(): string {
  return `${hostTag()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Tests for the tag of a process on this machine that has ended. */
export function isAbandoned(tag: string): boolean {
  const [, host, pid] = PATTERN.exec(tag) ?? [];
  return host === hostTag() && !isRunning(Number(pid));
}

/** Tests for a tag. */
export function isTag(text: string): boolean {
  return PATTERN.test(text);
}

/** Tests whether a process is running on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is running, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Short identifier of this machine. */
function hostTag(): string {
  return createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);
}
