/** The worst errors of a run, for docs/accuracy.md: appended to the file named by PROPERTY_FIGURES, if set. */
import fs from 'node:fs';
import type { Worst } from './property.js';

/** One line of the file. */
export interface Figures {
  readonly property: string;
  readonly backend: string;
  readonly seed: number;
  readonly cases: number;
}

/** Appends a line of JSON; a browser page passes it to the runner (test/browser/runner.ts). */
export async function keepFigures(figures: Figures, worst: readonly Worst[]): Promise<void> {
  const file = process.env['PROPERTY_FIGURES'];
  if (file === undefined) return;
  const errors = Object.fromEntries(worst.map(({ array, error }) => [array, error]));
  const line = `${JSON.stringify({ ...figures, errors })}\n`;
  const page = globalThis as { keepFigures?: (line: string) => Promise<void> };
  if (page.keepFigures) await page.keepFigures(line);
  else fs.appendFileSync(file, line);
}
