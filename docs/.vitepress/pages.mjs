// Which documents of the repository are pages of the site, and under which address.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Documents outside docs/ that are pages too. */
export const DOCUMENTS = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/gpu_counts.md',
  'bench/limits.md',
  'bench/results.md',
  'bench/results_devices/README.md',
  'pretrained/README.md',
  'python/README.md',
];

/** Returns the path of a document in the site: docs/ is its root, and a README is the index of its folder. */
export function pageOf(file) {
  if (file.startsWith('docs/')) return file.slice('docs/'.length);
  return file.replace(/README\.md$/, 'index.md').toLowerCase();
}

/** Tests whether a file of the repository, named from its root, is a page. */
export const isPage = (file) => (file.startsWith('docs/') && file.endsWith('.md')) || DOCUMENTS.includes(file);
