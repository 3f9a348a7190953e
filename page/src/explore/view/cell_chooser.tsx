/** The output: a grid of cells, one of which is selected with the pointer or the arrow keys. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { Cell, cornerOf, extentOf, rowsOf, type CellStyle, type Frame } from './plane.js';

export interface CellChooserProps {
  readonly frame: Frame;
  readonly label: string;
  /** ID of the text that describes the cells read. */
  readonly describedBy: string;
  readonly chosen: Place;
  readonly styleAt: (y: number, x: number) => CellStyle;
  readonly onChoose: (cell: Place) => void;
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

export function CellChooser({ frame, label, describedBy, chosen, styleAt, onChoose }: CellChooserProps): JSX.Element {
  const svg = useRef<SVGSVGElement>(null);
  const [height, width] = extentOf(frame);
  const [top, left] = cornerOf(frame, chosen);
  const isChosen = (y: number, x: number): boolean => y === chosen[0] && x === chosen[1];
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = STEPS[event.key]?.(chosen, frame.size);
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
    >
      {rowsOf(frame, (y, x) => {
        const cell = styleAt(y, x);
        return (
          <g
            key={x}
            role="gridcell"
            tabindex={isChosen(y, x) ? 0 : -1}
            data-cell={`${y},${x}`}
            aria-selected={isChosen(y, x)}
            aria-describedby={isChosen(y, x) ? describedBy : undefined}
            aria-label={`row ${y + 1}, column ${x + 1}${cell.text === undefined ? '' : `: ${cell.text}`}`}
            onClick={() => onChoose([y, x])}
          >
            <Cell
              frame={frame}
              at={[y, x]}
              cellStyle={isChosen(y, x) ? { ...cell, kind: `${cell.kind} chosen` } : cell}
            />
          </g>
        );
      }).map((cells, row) => (
        <g role="row" key={row}>
          {cells}
        </g>
      ))}
      <rect class="choice" x={left} y={top} width={frame.cell} height={frame.cell} aria-hidden="true" />
    </svg>
  );
}
