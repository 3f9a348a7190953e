/** Pieces of the figures of the articles, as SVG text: grids of cells, arrows, lines and short labels on white. */

export const BLUE = '#2563eb';
export const ORANGE = '#ea7a16';
export const GREEN = '#15935a';
export const GREY = '#9aa0a8';
export const INK = '#30343a';

export const GROUP_COLOURS = [BLUE, ORANGE, GREEN] as const;

/** Side of a cell in pixels. */
export const CELL = 24;

/** Fill of a cell: a colour and its opacity. */
export interface Fill {
  readonly colour: string;
  readonly opacity?: number;
  readonly text?: string;
}

/** Grid of cells whose top left corner is at (x, y). */
export interface GridOptions {
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly columns: number;
  /** Side of a cell. @default CELL */
  readonly cell?: number;
  /** Cells of padding around it. @default 0 */
  readonly padding?: number;
  /** Fill of a cell; padding has negative indices or those beyond the last. */
  readonly fill?: (row: number, column: number) => Fill | undefined;
  /** Fill of all other cells. @default white */
  readonly paper?: string;
}

export function grid({ x, y, rows, columns, cell = CELL, padding = 0, fill, paper = '#fff' }: GridOptions): string {
  const parts: string[] = [];
  for (let row = -padding; row < rows + padding; row++) {
    for (let column = -padding; column < columns + padding; column++) {
      const inside = row >= 0 && row < rows && column >= 0 && column < columns;
      const at = { x: x + column * cell, y: y + row * cell };
      const filled = fill?.(row, column);
      const border = inside ? `stroke="${GREY}"` : `stroke="${GREY}" stroke-dasharray="2 3"`;
      parts.push(`<rect x="${n(at.x)}" y="${n(at.y)}" width="${cell}" height="${cell}" fill="${paper}" ${border}/>`);
      if (filled === undefined) continue;
      const { colour, opacity = 0.75, text } = filled;
      parts.push(
        `<rect x="${n(at.x)}" y="${n(at.y)}" width="${cell}" height="${cell}" fill="${colour}" fill-opacity="${n(opacity)}"/>`,
      );
      if (text !== undefined) parts.push(label(at.x + cell / 2, at.y + cell / 2, text, { size: 12 }));
    }
  }
  return parts.join('');
}

/** Grids one behind the other, a channel each; the first one is in front. */
export function stack(
  channels: number,
  options: GridOptions & { readonly paperOf?: (channel: number) => string },
): string {
  const { paperOf = () => '#fff' } = options;
  const order = Array.from({ length: channels }, (_, index) => channels - 1 - index);
  return order
    .map((channel) =>
      grid({ ...options, x: options.x + channel * DEPTH, y: options.y - channel * DEPTH, paper: paperOf(channel) }),
    )
    .join('');
}

/** Distance between the channels of a stack. */
export const DEPTH = 9;

/** A pale version of a colour, opaque. */
export function pale(colour: string): string {
  const channel = (from: number): number => Number.parseInt(colour.slice(from, from + 2), 16);
  const mixed = [1, 3, 5].map((from) => Math.round(255 - (255 - channel(from)) * 0.35));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

export function label(x: number, y: number, text: string, { size = 15, colour = INK, anchor = 'middle' } = {}): string {
  const style = `font-size="${size}" fill="${colour}" text-anchor="${anchor}" dominant-baseline="central"`;
  return `<text x="${n(x)}" y="${n(y)}" ${style}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}

type Point = readonly [x: number, y: number];

export function line([x1, y1]: Point, [x2, y2]: Point, colour = GREY, width = 1.5): string {
  return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

/** A line with a head at its end. */
export function arrow([x1, y1]: Point, [x2, y2]: Point, colour = INK): string {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turn: number): string => `${n(x2 - 8 * Math.cos(angle + turn))},${n(y2 - 8 * Math.sin(angle + turn))}`;
  const head = `<polygon points="${n(x2)},${n(y2)} ${wing(0.45)} ${wing(-0.45)}" fill="${colour}"/>`;
  const end: Point = [x2 - 5 * Math.cos(angle), y2 - 5 * Math.sin(angle)];
  return line([x1, y1], end, colour) + head;
}

export function dot([x, y]: Point, colour: string, radius = 5): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" fill="${colour}" stroke="#fff" stroke-width="1"/>`;
}

/** A rectangle without cells; with text, a box of a diagram. */
export function frame(
  [x, y]: Point,
  [width, height]: Point,
  { colour = INK, fill = 'none', text = '', dashed = false } = {},
): string {
  const dash = dashed ? ' stroke-dasharray="5 4"' : '';
  const rect = `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="3" fill="${fill}" stroke="${colour}" stroke-width="2"${dash}/>`;
  return rect + (text === '' ? '' : label(x + width / 2, y + height / 2, text, { size: 14 }));
}

/** A whole figure. */
export function figure(width: number, height: number, ...parts: string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`;
  return `${open}<rect width="${width}" height="${height}" fill="#fff"/>${parts.join('')}</svg>\n`;
}

const n = (value: number): string => String(Number(value.toFixed(1)));
