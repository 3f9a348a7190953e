import path from 'node:path';
import { oneLine } from '../errors.js';

/** Most skipped files of one kind to name in the report. */
const MAX_NAMED = 3;

/** Files of a data set that are skipped, by kind. */
export class SkippedFiles {
  private readonly found = new Map<string, string[]>();

  /** @param root path of the data set */
  constructor(private readonly root: string) {}

  /** Adds paths inside the root, either relative to it or starting with it. */
  add(kind: string, names: readonly string[]): void {
    if (names.length === 0) return;
    const relative = names.map((name) => (name.startsWith(this.root) ? path.relative(this.root, name) : name));
    const known = this.found.get(kind);
    if (known) known.push(...relative);
    else this.found.set(kind, relative);
  }

  /** Summary in one line, with the first names of each kind; undefined if nothing is skipped. */
  summary(): string | undefined {
    if (this.found.size === 0) return undefined;
    const kinds = [...this.found].map(([kind, names]) => {
      const more = names.length > MAX_NAMED ? ', …' : '';
      const plural = names.length === 1 ? kind : kind.replace(/^((?:special |broken )?)(file|folder|link)/, '$1$2s');
      return `${names.length} ${plural} (${names.slice(0, MAX_NAMED).join(', ')}${more})`;
    });
    return oneLine(`skipped in '${this.root}': ${kinds.join('; ')}`);
  }
}
