/** Writes a generated table into a document. */
import fs from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';

/**
 * Replaces the first table below a heading.
 *
 * @param file path of the document, from the root of the repository
 * @param heading line of the heading
 * @param rows cells of the table, titles first
 */
export async function writeTable(file: string, heading: string, rows: readonly (readonly string[])[]): Promise<void> {
  const target = path.resolve(__dirname, '..', file);
  const text = fs.readFileSync(target, 'utf8');
  const start = text.indexOf('\n|', text.indexOf(`${heading}\n`));
  const end = text.indexOf('\n\n', start + 1);
  const [titles, ...others] = rows.map((cells) => `| ${cells.join(' | ')} |`);
  const lines = [titles!, `|${' --- |'.repeat(rows[0]!.length)}`, ...others];
  const section = `${text.slice(0, start)}\n${lines.join('\n')}${text.slice(end)}`;
  const options = await prettier.resolveConfig(target);
  fs.writeFileSync(target, await prettier.format(section, { ...options, filepath: target }));
}

/** A difference as 2.3e-7; throws if it is larger than the documents promise. */
export function brief(difference: number): string {
  if (!(difference <= 1e-4)) throw new Error(`Cannot write the table: a difference is ${difference}`);
  return difference.toExponential(1);
}
