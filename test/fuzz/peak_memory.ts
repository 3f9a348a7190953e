import fs from 'node:fs';

/**
 * Peak memory of this process in bytes. Read from the operating system if possible, not from Node, where a child
 * process inherits the maximum of its parent.
 */
export function peakMemory(): number {
  const status = '/proc/self/status';
  const found = fs.existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync(status, 'utf8')) : null;
  return (found === null ? process.resourceUsage().maxRSS : Number(found[1])) * 1024;
}
