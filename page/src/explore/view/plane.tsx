/** One channel of a feature map, drawn as cells and surrounded by its padding. */
import type { ComponentChildren, JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { colourOf, type Colour } from '../model/colours.js';

export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** Appearance of a cell. */
export interface CellStyle {
  /** Classes: `read`, `source`, `chosen`. */
  readonly kind: string;
  /** Text in the cell. */
  readonly text?: string;
  /** Strength of the mark, up to 1. @default 1 */
  readonly strength?: number;
  /** Colour of its value; without one, the classes colour the cell. */
  readonly colour?: Colour;
  /** Class of an outline over the cells. */
  readonly mark?: string;
}

/** Colour of a value, and its text if that fits. */
export function valueStyle(frame: Frame, value: number, most: number, text: string): Partial<CellStyle> {
  return { colour: colourOf(value, most), ...(fitsCell(frame, text) ? { text } : {}) };
}

/** Geometry of the cells in a drawing. */
export interface Frame {
  readonly size: Place;
  readonly padding: Sides;
  /** Width of a cell in pixels. */
  readonly cell: number;
}

const LARGEST_CELL = 44;
/** Margin for the lines at the edge. */
export const EDGE = 2;

/** @param widest largest width of the drawing in pixels */
export const frameOf = (size: Place, padding: Sides, widest: number): Frame => {
  const columns = size[1] + padding[1][0] + padding[1][1];
  const rows = size[0] + padding[0][0] + padding[0][1];
  return { size, padding, cell: Math.min(LARGEST_CELL, Math.floor(widest / Math.max(columns, rows))) };
};

/** Most cells along an axis for numbers in them: with more, the colours make the picture. */
const MOST_NUMBERS = 12;

/** Widths of text in units of its font size. */
const DIGIT = 0.62;
const POINT = 0.29;

/** Font size of text in a cell, in pixels. */
const fontOf = ({ cell }: Frame): number => (cell < 26 ? 10 : 14);

/** Tests whether a number fits into a cell. */
export function fitsCell(frame: Frame, text: string): boolean {
  const points = text.split('.').length - 1;
  const width = points * POINT + (text.length - points) * DIGIT;
  return Math.max(...frame.size) <= MOST_NUMBERS && frame.cell >= 15 && 1 + width * fontOf(frame) <= frame.cell;
}

/** Upper left corner of a cell; integer (y, x) are the middles of cells. */
export const cornerOf = ({ padding, cell }: Frame, [y, x]: Place): Place => [
  EDGE + (y + padding[0][0]) * cell,
  EDGE + (x + padding[1][0]) * cell,
];

/** Middle of a cell, or a point between middles, in pixels. */
export const middleOf = (frame: Frame, position: Place): Place => {
  const [y, x] = cornerOf(frame, position);
  return [y + frame.cell / 2, x + frame.cell / 2];
};

export const extentOf = ({ size, padding, cell }: Frame): Place => [
  2 * EDGE + (size[0] + padding[0][0] + padding[0][1]) * cell,
  2 * EDGE + (size[1] + padding[1][0] + padding[1][1]) * cell,
];

/** Draws rows of cells, including padding. */
export function rowsOf<T>({ size, padding }: Frame, draw: (y: number, x: number) => T): T[][] {
  const along = (axis: 0 | 1): number[] =>
    Array.from({ length: size[axis] + padding[axis][0] + padding[axis][1] }, (_, index) => index - padding[axis][0]);
  return along(0).map((y) => along(1).map((x) => draw(y, x)));
}

export function Cell({
  frame,
  at,
  cellStyle,
}: {
  readonly frame: Frame;
  readonly at: Place;
  readonly cellStyle: CellStyle;
}): JSX.Element {
  const [top, left] = cornerOf(frame, at);
  const isPadding = at.some((position, axis) => position < 0 || position >= frame.size[axis]!);
  const middle = frame.cell / 2;
  const { colour } = cellStyle;
  return (
    <>
      <rect
        class={`cell ${colour ? 'valued' : ''} ${isPadding ? 'pad' : ''} ${cellStyle.kind}`}
        fill={colour?.fill}
        x={left}
        y={top}
        width={frame.cell}
        height={frame.cell}
        fill-opacity={colour ? undefined : cellStyle.strength}
      />
      {cellStyle.text === undefined ? null : (
        <text class={`cell-text ${colour?.ink ?? ''}`} x={left + middle} y={top + middle} font-size={fontOf(frame)}>
          {cellStyle.text}
        </text>
      )}
    </>
  );
}

/** Outlines of the marked cells, over all cells: a dark line within a light one shows on every colour. */
export function Marks({
  frame,
  styleAt,
}: {
  readonly frame: Frame;
  readonly styleAt: (y: number, x: number) => CellStyle;
}): JSX.Element {
  const marked = rowsOf(frame, (y, x) => ({ at: [y, x] as const, mark: styleAt(y, x).mark }))
    .flat()
    .filter(({ mark }) => mark !== undefined);
  return (
    <g aria-hidden="true">
      {(['halo', 'line'] as const).map((layer) =>
        marked.map(({ at, mark }) => {
          const [top, left] = cornerOf(frame, at);
          const shape = { x: left, y: top, width: frame.cell, height: frame.cell };
          return <rect class={`mark-${layer} ${mark}`} key={`${layer} ${at.join()}`} {...shape} />;
        }),
      )}
    </g>
  );
}

export interface PlaneProps {
  readonly frame: Frame;
  /** Description in words; a plane with handles is described as a group. */
  readonly label: string;
  readonly styleAt: (y: number, x: number) => CellStyle;
  /** Elements drawn over the cells. */
  readonly children?: ComponentChildren;
  readonly interactive?: boolean;
}

export function Plane({ frame, label, styleAt, children, interactive = false }: PlaneProps): JSX.Element {
  const [height, width] = extentOf(frame);
  return (
    <svg
      class="plane"
      role={interactive ? 'group' : 'img'}
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <g aria-hidden="true">
        {rowsOf(frame, (y, x) => (
          <Cell key={`${y},${x}`} frame={frame} at={[y, x]} cellStyle={styleAt(y, x)} />
        ))}
      </g>
      <Marks {...{ frame, styleAt }} />
      {children}
    </svg>
  );
}
