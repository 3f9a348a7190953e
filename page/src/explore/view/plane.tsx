/** One channel of a feature map, drawn as cells and surrounded by its padding. */
import type { ComponentChildren, JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';

export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** Appearance of a cell. */
export interface CellStyle {
  /** Classes: `read`, `source`, `chosen`. */
  readonly kind: string;
  /** Text in the cell. */
  readonly text?: string;
  /** Strength of the mark, up to 1. @default 1 */
  readonly strength?: number;
}

/** Geometry of the cells in a drawing. */
export interface Frame {
  readonly size: Place;
  readonly padding: Sides;
  /** Width of a cell in pixels. */
  readonly cell: number;
}

/** Largest width of a drawing in pixels, which fits on a phone. */
const WIDEST = 288;
const LARGEST_CELL = 44;
/** Margin for the lines at the edge. */
export const EDGE = 2;

/** @param widest largest width of the drawing in pixels */
export const frameOf = (size: Place, padding: Sides, widest = WIDEST): Frame => {
  const columns = size[1] + padding[1][0] + padding[1][1];
  const rows = size[0] + padding[0][0] + padding[0][1];
  return { size, padding, cell: Math.min(LARGEST_CELL, Math.floor(widest / Math.max(columns, rows))) };
};

/** Text widths at a font size of 14 pixels. */
const DIGIT = 8.7;
const POINT = 4;

/** Tests whether a number at a font size of 14 pixels fits into a cell. */
export function fitsCell({ cell }: Frame, text: string): boolean {
  const points = text.split('.').length - 1;
  return cell >= 18 && 1 + points * POINT + (text.length - points) * DIGIT <= cell;
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
  return (
    <>
      <rect
        class={`cell ${isPadding ? 'pad' : ''} ${cellStyle.kind}`}
        x={left}
        y={top}
        width={frame.cell}
        height={frame.cell}
        fill-opacity={cellStyle.strength}
      />
      {cellStyle.text === undefined ? null : (
        <text class="cell-text" x={left + middle} y={top + middle}>
          {cellStyle.text}
        </text>
      )}
    </>
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
      {children}
    </svg>
  );
}
