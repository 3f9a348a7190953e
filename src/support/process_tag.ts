/**
 * Tags in names of temporary files: whose they are. A tag is unique, so that no two writers share a file, and tells its
 * process, so that what a killed one left behind is known from what another one is writing.
 */
import { createHash, randomBytes } from 'node:crypto';
import os from 'node:os';

const PATTERN = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/;

/** A new tag of this process. */
export function newTag(): string {
  return `${hostTag()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Whether the text is a tag of a process of this machine that has ended. */
export function isAbandoned(tag: string): boolean {
  const [, host, pid] = PATTERN.exec(tag) ?? [];
  return host === hostTag() && !isRunning(Number(pid));
}

/** Whether the text is a tag. */
export function isTag(text: string): boolean {
  return PATTERN.test(text);
}

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, for another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A short name of this machine. */
function hostTag(): string {
  return createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);
}
