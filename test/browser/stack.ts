/** Stacks of a browser page, with the lines of the sources instead of those of the bundle. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import type { Bundle } from './bundle.js';

/** Source maps of a bundle, each parsed when it is first asked for. */
export class SourceMaps {
  private readonly maps = new Map<string, SourceMap | undefined>();

  constructor(
    private readonly root: string,
    private readonly origin: string,
    private readonly modules: Bundle,
  ) {}

  /** The stack with every place in the bundle replaced by its place in the sources. */
  translate(stack: string): string {
    return stack.replaceAll(
      /(https?:\/\/[^\s()]+?):(\d+):(\d+)/g,
      (place, address: string, line: string, column: string) => {
        if (!address.startsWith(`${this.origin}/`)) return place;
        const module = address.slice(this.origin.length);
        const entry = this.mapOf(module)?.findEntry(Number(line) - 1, Number(column) - 1);
        if (entry === undefined || !('originalSource' in entry)) return place;
        // Sources are named from the module, which lies in a folder of the bundle's.
        const source = path.resolve(path.join(this.root, 'bundle', path.dirname(module)), entry.originalSource);
        return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
      },
    );
  }

  private mapOf(module: string): SourceMap | undefined {
    if (!this.maps.has(module)) {
      const text = this.modules.get(`${module}.map`);
      this.maps.set(module, text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload));
    }
    return this.maps.get(module);
  }
}
