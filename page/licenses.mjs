// The licences of all that the page is bundled of, in one file beside it; vite's own list leaves out what workers import.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/**
 * Two plugins with one list: for the workers' bundles, which are made first, and for the page's, which writes the file.
 * Packages of which only other files than scripts are used are named in `also`.
 */
export function licenses(fileName, also) {
  const folders = new Map(also.map((name) => [name, path.join(root, 'node_modules', name)]));
  const collect = (bundle) => {
    for (const { moduleIds = [] } of Object.values(bundle)) {
      for (const id of moduleIds) {
        const [, folder, name] = PACKAGE.exec(id) ?? [];
        if (name !== undefined) folders.set(name, folder);
      }
    }
  };
  return {
    ofWorkers: { name: 'licenses-of-workers', generateBundle: (_, bundle) => collect(bundle) },
    ofPage: {
      name: 'licenses',
      generateBundle(_, bundle) {
        collect(bundle);
        const entries = [...folders].sort(([a], [b]) => a.localeCompare(b, 'en'));
        this.emitFile({ type: 'asset', fileName, source: entries.map(describe).join('\n') });
      },
    },
  };
}

function describe([name, folder]) {
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : `\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  return `## ${name} ${version} (${license})\n${text}`;
}
