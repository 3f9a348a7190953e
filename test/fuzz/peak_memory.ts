import fs from 'node:fs';

/**
 * Largest memory that this process has held, in bytes. Where the system says so it is asked, and not Node: a process that
 * is started takes over the maximum of the one that started it.
 */
export function peakMemory(): number {
  const status = '/proc/self/status';
  const found = fs.existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync(status, 'utf8')) : null;
  return (found === null ? process.resourceUsage().maxRSS : Number(found[1])) * 1024;
}
