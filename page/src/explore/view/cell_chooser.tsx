/** A grid of cells, one of which is selected with the pointer or the arrow keys. */
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { useTexts } from '../texts/use_texts.js';
import { Cell, cornerOf, extentOf, Marks, rowsOf, type CellStyle, type Frame } from './plane.js';

export interface CellChooserProps {
  readonly frame: Frame;
  readonly label: string;
  /** ID of the text that describes the chosen cell. */
  readonly describedBy?: string;
  /** The chosen cell; `null` if there is none. */
  readonly chosen: Place | null;
  readonly styleAt: (y: number, x: number) => CellStyle;
  /** A cell in words, after its row and column. */
  readonly describe?: (y: number, x: number) => string | undefined;
  readonly onChoose: (cell: Place) => void;
  /** The cell under the mouse; `null` when it leaves. */
  readonly onHover?: (cell: Place | null) => void;
  /** Elements drawn over the cells. */
  readonly over?: ComponentChildren;
}

/** Movement of each key. */
const STEPS: Readonly<Record<string, (at: Place, size: Place) => Place>> = {
  ArrowUp: ([y, x]) => [y - 1, x],
  ArrowDown: ([y, x]) => [y + 1, x],
  ArrowLeft: ([y, x]) => [y, x - 1],
  ArrowRight: ([y, x]) => [y, x + 1],
  Home: ([y]) => [y, 0],
  End: ([y], [, width]) => [y, width - 1],
};

export function CellChooser(props: CellChooserProps): JSX.Element {
  const { frame, label, describedBy, chosen, styleAt, describe, onChoose, onHover, over } = props;
  const texts = useTexts();
  const svg = useRef<SVGSVGElement>(null);
  const [height, width] = extentOf(frame);
  // One cell can be reached with the Tab key, and the arrow keys go on from there.
  const entry = chosen ?? [0, 0];
  const isEntry = (y: number, x: number): boolean => y === entry[0] && x === entry[1];
  const isChosen = (y: number, x: number): boolean => chosen !== null && isEntry(y, x);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = STEPS[event.key]?.(entry, frame.size);
    if (next === undefined) return;
    event.preventDefault();
    if (next.some((at, axis) => at < 0 || at >= frame.size[axis]!)) return;
    onChoose(next);
    svg.current?.querySelector<SVGElement>(`[data-cell="${next.join()}"]`)?.focus();
  };
  return (
    <svg
      ref={svg}
      class="plane chooser"
      role="grid"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onHover?.(null)}
    >
      {rowsOf(frame, (y, x) => {
        const cell = styleAt(y, x);
        if (!isInside(frame, y, x)) {
          return (
            <g key={x} aria-hidden="true">
              <Cell frame={frame} at={[y, x]} cellStyle={cell} />
            </g>
          );
        }
        const words = describe ? describe(y, x) : cell.text;
        return (
          <g
            key={x}
            role="gridcell"
            tabindex={isEntry(y, x) ? 0 : -1}
            data-cell={`${y},${x}`}
            aria-selected={isChosen(y, x)}
            aria-describedby={isChosen(y, x) ? describedBy : undefined}
            aria-label={texts.cell([y, x], words)}
            onClick={() => onChoose([y, x])}
            onPointerEnter={(event) => event.pointerType === 'mouse' && onHover?.([y, x])}
          >
            <Cell
              frame={frame}
              at={[y, x]}
              cellStyle={isChosen(y, x) ? { ...cell, kind: `${cell.kind} chosen` } : cell}
            />
          </g>
        );
      }).map((cells, row) => (
        <g role={isInside(frame, row - frame.padding[0][0], 0) ? 'row' : 'presentation'} key={row}>
          {cells}
        </g>
      ))}
      <Marks {...{ frame, styleAt }} />
      {over}
      {chosen === null ? null : <Choice {...{ frame, chosen }} />}
    </svg>
  );
}

const isInside = ({ size }: Frame, y: number, x: number): boolean => y >= 0 && x >= 0 && y < size[0] && x < size[1];

function Choice({ frame, chosen }: { readonly frame: Frame; readonly chosen: Place }): JSX.Element {
  const [y, x] = cornerOf(frame, chosen);
  return (
    <g aria-hidden="true">
      <rect class="mark-halo" x={x} y={y} width={frame.cell} height={frame.cell} />
      <rect class="choice" x={x} y={y} width={frame.cell} height={frame.cell} />
    </g>
  );
}
