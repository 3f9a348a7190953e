/** Formats the bytes in half precision as Markdown. */
import type { HalfCount } from './half_precision.js';
import { megabytes, table } from './markdown.js';

export function halfSection(counts: readonly HalfCount[]): string {
  const rows = counts.map(({ title, filters, single, filterHalf, half }) => [
    title,
    megabytes(filters),
    megabytes(single),
    filterHalf === undefined ? '' : megabytes(filterHalf),
    half === undefined ? '' : megabytes(half),
    (single / (half ?? filterHalf!)).toFixed(1),
  ]);
  const head = ['operator or network', 'filters, MB', 'single, MB', 'filters in half', 'images, too', 'ratio'];
  return `## In half precision, on WebGPU

Bytes read and written for one image, by [inference in half precision](../docs/half_precision.md); networks without their
normalisations on both sides.

${table(head, rows)}`;
}
