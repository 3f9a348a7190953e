/** An input feature map: the cells that the selected output cell reads, and the sources of padding values. */
import type { ComponentChildren, JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { keyOf, type MapReads } from '../model/maps.js';
import type { StageRead } from '../model/stage.js';
import { fitsCell, middleOf, Plane, type CellStyle, type Frame } from './plane.js';

export interface ReadPlaneProps {
  readonly frame: Frame;
  /** Title of the feature map: 'Input, channel 1 of 3'. */
  readonly title: string;
  readonly reads: MapReads;
  /** True if the visible channel is read. */
  readonly isRead: boolean;
  /** The number of a cell as text, if there are numbers. */
  readonly textAt: ((cell: Place) => string) | undefined;
  readonly children?: ComponentChildren;
  readonly interactive?: boolean;
}

const isWhole = ({ place }: StageRead): boolean => place.every(Number.isInteger);

const isInside = ({ size }: Frame, [y, x]: Place): boolean => y >= 0 && x >= 0 && y < size[0] && x < size[1];

const sameCell = (a: Place, b: Place): boolean => a[0] === b[0] && a[1] === b[1];

export function ReadPlane({ frame, title, reads, isRead, textAt, children, interactive }: ReadPlaneProps): JSX.Element {
  const single = isRead ? reads.reads : [];
  const unmoved = new Map(single.filter(isWhole).map((read) => [keyOf(read.place), read]));
  const tapNumbers = new Map(single.filter(isWhole).map((read, index) => [keyOf(read.place), String(index + 1)]));
  // If a padding cell is read, the cell that its value comes from.
  const borrowed = single.filter(
    (read) => isWhole(read) && read.cells.length === 1 && !sameCell(read.cells[0]!.cell, read.place),
  );
  const sources = new Set(borrowed.map(({ cells }) => keyOf(cells[0]!.cell)));
  /** The number of a cell, or else of the tap that reads it. */
  const textOf = (cell: Place): string | undefined => {
    if (!textAt) return interactive === true ? undefined : tapNumbers.get(keyOf(cell));
    if (isInside(frame, cell)) return textAt(cell);
    // The padding mode copies the value of a padding cell from elsewhere.
    const read = unmoved.get(keyOf(cell));
    const holder = read?.cells[0]?.cell;
    return holder ? textAt(holder) : read && '0';
  };
  const styleAt = (y: number, x: number): CellStyle => {
    const key = keyOf([y, x]);
    const read = unmoved.get(key);
    const strength = isRead ? reads.cells.get(key) : undefined;
    const isDirect = read !== undefined || (strength !== undefined && !sources.has(key));
    const kind = `${isDirect ? 'read' : ''} ${sources.has(key) ? 'source' : ''}`;
    const text = textOf([y, x]);
    const shown = text !== undefined && fitsCell(frame, text) ? { text } : {};
    return { kind, ...shown, ...(strength === undefined || interactive !== true ? {} : { strength }) };
  };
  return (
    <Plane
      frame={frame}
      label={describe(title, reads, isRead, frame)}
      styleAt={styleAt}
      interactive={interactive === true}
    >
      {borrowed.map(({ place, cells }) => (
        <Arrow key={keyOf(place)} frame={frame} from={cells[0]!.cell} to={place} />
      ))}
      {children}
    </Plane>
  );
}

/** Draws a line from the source of a padding cell. */
function Arrow({ frame, from, to }: { readonly frame: Frame; readonly from: Place; readonly to: Place }): JSX.Element {
  const [y1, x1] = middleOf(frame, from);
  const [y2, x2] = middleOf(frame, to);
  return <line class="borrow" {...{ x1, y1, x2, y2 }} aria-hidden="true" />;
}

/** Most cells to list. */
const NAMED = 12;

function describe(title: string, { cells }: MapReads, isRead: boolean, { size, padding }: Frame): string {
  const around = padding.flat().some((width) => width > 0) ? `, padding ${padding.flat().join(', ')} around it` : '';
  const start = `${title}, ${size[0]} by ${size[1]} cells${around}.`;
  if (!isRead) return `${start} The chosen output channel does not read it.`;
  const cellNames = [...cells.keys()].map((key) =>
    key
      .split(',')
      .map((at) => Number(at) + 1)
      .join(', '),
  );
  if (cellNames.length === 0) return `${start} The chosen output cell reads nothing of it.`;
  const list = cellNames.length <= NAMED ? ` (row, column): ${cellNames.join('; ')}` : '';
  return `${start} The chosen output cell reads ${cellNames.length} of its cells${list}.`;
}
