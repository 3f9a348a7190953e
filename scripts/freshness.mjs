// Modification times of source trees, for `--if-needed` builds.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Newest modification time (ms) of any file below the given paths, relative to the repository root. */
export function newest(paths, ignore = []) {
  let latest = 0;
  const visit = (file) => {
    if (ignore.includes(path.relative(root, file))) return;
    const stat = fs.statSync(file);
    if (stat.isDirectory()) for (const name of fs.readdirSync(file)) visit(path.join(file, name));
    else latest = Math.max(latest, stat.mtimeMs);
  };
  for (const entry of paths) visit(path.join(root, entry));
  return latest;
}
