/** Displays plots and tables in a notebook, through the display function of its kernel. */
import { display } from 'tslab';
import type { Statement } from '../node/published_tables/table.js';

/** SVG text, or the address of an image. */
export type Picture = string | Promise<string>;

/**
 * Displays plots side by side, as the functions of `tfjs-convolutions/plots` return them. Each is a separate image, so
 * that ids within one do not collide with those of another.
 */
export async function show(...pictures: readonly Picture[]): Promise<void> {
  const images = (await Promise.all(pictures.map((picture) => Promise.resolve(picture)))).map((picture) => {
    const isSvg = picture.startsWith('<svg');
    const source = isSvg ? `data:image/svg+xml;base64,${Buffer.from(picture).toString('base64')}` : picture;
    return `<img src="${source}" alt="" style="max-width: 100%; image-rendering: ${isSvg ? 'auto' : 'pixelated'}">`;
  });
  display.html(
    `<div style="display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start">${images.join('')}</div>`,
  );
}

/** Displays rows under column titles, which are the fields of the first row; numbers with separators. */
export function table(rows: readonly Readonly<Record<string, number | string>>[]): void {
  const cell = (value: number | string): string => {
    const isNumber = typeof value === 'number';
    const text = isNumber ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : escape(value);
    return `<td style="text-align: ${isNumber ? 'right' : 'left'}">${text}</td>`;
  };
  const head = Object.keys(rows[0] ?? {}).map((name) => `<th style="text-align: left">${escape(name)}</th>`);
  const body = rows.map((row) => `<tr>${Object.values(row).map(cell).join('')}</tr>`);
  display.html(`<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`);
}

/**
 * Displays published and computed figures side by side.
 *
 * @throws Error if they do not agree
 */
export function check(statements: readonly Statement[]): void {
  table(
    statements.map(({ subject, published, computed, agrees }) => ({
      '': subject,
      published,
      computed,
      ' ': agrees ? '✓' : '✗',
    })),
  );
  const wrong = statements.filter(({ agrees }) => !agrees);
  if (wrong.length > 0) throw new Error(`Not as published: ${wrong.map(({ subject }) => subject).join('; ')}`);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
