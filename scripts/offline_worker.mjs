// Writes the service worker that makes the site work offline, with the list of the files that it keeps.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Kept once visited: nobody should load megabytes to read an article. */
const LATER = /^(?:api|bench|notebooks|page|source)\//;

/** Writes offline_worker.js, and its version for the page, whose own worker it replaces there. */
export function writeOfflineWorker(site) {
  const hash = createHash('sha256');
  const files = fs
    .readdirSync(site, { recursive: true })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => fs.statSync(path.join(site, file)).isFile())
    .sort();
  for (const file of files) hash.update(file).update(fs.readFileSync(path.join(site, file)));
  const kept = files.filter((file) => !LATER.test(file) && !file.endsWith('.map'));
  const worker = fs
    .readFileSync(new URL('../docs/offline_worker.js', import.meta.url), 'utf8')
    .replace('%VERSION%', hash.digest('hex').slice(0, 16))
    .replace("['%FILES%']", () => JSON.stringify(kept));
  fs.writeFileSync(path.join(site, 'offline_worker.js'), worker);
  fs.writeFileSync(path.join(site, 'page/isolation_worker.js'), "importScripts('../offline_worker.js');\n");
}
