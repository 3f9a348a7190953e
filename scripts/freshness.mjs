// Fingerprint of the inputs of a build, for `--if-needed`: contents rather than modification times, so that a clone,
// a checkout or a deleted file is handled correctly, and an edit during a build is noticed by the next one.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Hashes the names and contents of all files under the given paths, relative to the repository root. */
export function fingerprint(paths, ignore = []) {
  const hash = createHash('sha256');
  const visit = (file) => {
    const name = path.relative(root, file).replaceAll(path.sep, '/');
    if (ignore.includes(name)) return;
    if (fs.statSync(file).isDirectory()) {
      for (const entry of fs.readdirSync(file).sort()) visit(path.join(file, entry));
    } else {
      hash.update(`${name}\0`).update(fs.readFileSync(file)).update('\0');
    }
  };
  for (const entry of paths) visit(path.join(root, entry));
  return hash.digest('hex');
}
