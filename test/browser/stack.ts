/** Stacks of a browser page, with the lines of the sources instead of those of the bundle. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import type { Bundle } from './bundle.js';

/** Replaces every place in the bundle by its place in the sources, as absolute file names under `root`. */
export function sourceStack(stack: string, origin: string, modules: Bundle, root: string): string {
  return stack.replaceAll(
    /(https?:\/\/[^\s()]+?):(\d+):(\d+)/g,
    (place, address: string, line: string, column: string) => {
      if (!address.startsWith(`${origin}/`)) return place;
      const file = address.slice(origin.length);
      const map = modules.get(`${file}.map`);
      if (map === undefined) return place;
      const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry)) return place;
      // Sources are relative to the module, which lies one folder deeper than the sources' root.
      const source = path.resolve(path.join(root, 'bundle', path.dirname(file)), entry.originalSource);
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    },
  );
}
