/** An input feature map: the cells that the selected output cell reads, and the sources of padding values. */
import type { ComponentChildren, JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { keyOf, type CellMap, type MapReads } from '../model/maps.js';
import { formatCell } from '../model/numbers.js';
import type { StageRead } from '../model/stage.js';
import type { Texts } from '../texts/english.js';
import { useTexts } from '../texts/use_texts.js';
import { CellChooser } from './cell_chooser.js';
import { fitsCell, middleOf, Plane, valueStyle, type CellStyle, type Frame } from './plane.js';

/** Choice of a cell, to see which output cells it feeds. */
export interface SourceChoice {
  readonly chosen: Place | null;
  readonly onChoose: (cell: Place) => void;
  readonly onHover: (cell: Place | null) => void;
}

export interface ReadPlaneProps {
  readonly frame: Frame;
  readonly map: CellMap;
  /** Visible channel. */
  readonly channel: number;
  readonly reads: MapReads;
  /** True if the visible channel is read. */
  readonly isRead: boolean;
  /** The value of a cell, if values are shown. */
  readonly valueAt: ((cell: Place) => number) | undefined;
  /** Value at the end of the colour scale. */
  readonly most: number;
  /** Cell that the product under way reads, if it reads one. */
  readonly active: Place | undefined;
  readonly choice: SourceChoice | undefined;
  readonly children?: ComponentChildren;
  /** True if elements over the cells take the pointer. */
  readonly interactive: boolean;
  /** True if taps or bins are drawn over the cells. */
  readonly hasHandles: boolean;
}

const isWhole = ({ place }: StageRead): boolean => place.every(Number.isInteger);

const isInside = ({ size }: Frame, [y, x]: Place): boolean => y >= 0 && x >= 0 && y < size[0] && x < size[1];

const sameCell = (a: Place, b: Place): boolean => a[0] === b[0] && a[1] === b[1];

export function ReadPlane(props: ReadPlaneProps): JSX.Element {
  const { frame, reads, isRead, valueAt, most, active, choice, children, interactive, hasHandles } = props;
  const texts = useTexts();
  const single = isRead ? reads.reads : [];
  const unmoved = new Map(single.filter(isWhole).map((read) => [keyOf(read.place), read]));
  const tapNumbers = new Map(single.filter(isWhole).map((read, index) => [keyOf(read.place), String(index + 1)]));
  // If a padding cell is read, the cell that its value comes from.
  const borrowed = single.filter(
    (read) => isWhole(read) && read.cells.length === 1 && !sameCell(read.cells[0]!.cell, read.place),
  );
  const sources = new Set(borrowed.map(({ cells }) => keyOf(cells[0]!.cell)));
  const valueIn = (cell: Place): number | undefined => {
    if (!valueAt) return undefined;
    if (isInside(frame, cell)) return valueAt(cell);
    // The padding mode copies the value of a padding cell from elsewhere.
    const read = unmoved.get(keyOf(cell));
    const holder = read?.cells[0]?.cell;
    return holder ? valueAt(holder) : read && 0;
  };
  /** Class of the outline of a cell, if it has one. */
  const markOf = (cell: Place, isDirect: boolean): string | undefined => {
    if (active !== undefined && sameCell(active, cell)) return 'active';
    if (sources.has(keyOf(cell))) return 'source';
    return isDirect && !hasHandles ? 'read' : undefined;
  };
  const styleAt = (y: number, x: number): CellStyle => {
    const key = keyOf([y, x]);
    const read = unmoved.get(key);
    const strength = isRead ? reads.cells.get(key) : undefined;
    const isDirect = read !== undefined || (strength !== undefined && !sources.has(key));
    const kind = `${isDirect ? 'read' : ''} ${sources.has(key) ? 'source' : ''}`;
    const value = valueIn([y, x]);
    if (value !== undefined) {
      const mark = markOf([y, x], isDirect);
      return { kind, ...valueStyle(frame, value, most, formatCell(value)), ...(mark === undefined ? {} : { mark }) };
    }
    const text = hasHandles ? undefined : tapNumbers.get(key);
    const shown = text !== undefined && fitsCell(frame, text) ? { text } : {};
    return { kind, ...shown, ...(strength === undefined || !hasHandles ? {} : { strength }) };
  };
  const label = describe(props, texts.map);
  const over = (
    <>
      {borrowed.map(({ place, cells }) => (
        <Arrow key={keyOf(place)} frame={frame} from={cells[0]!.cell} to={place} />
      ))}
      {children}
    </>
  );
  return choice ? (
    <CellChooser
      {...{ frame, label, styleAt, over, ...choice }}
      describe={(y, x) => valueAt && formatCell(valueAt([y, x]))}
    />
  ) : (
    <Plane {...{ frame, label, styleAt, interactive }}>{over}</Plane>
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

function describe({ map, channel, reads, isRead, frame: { padding } }: ReadPlaneProps, texts: Texts['map']): string {
  const hasPadding = padding.flat().some((width) => width > 0);
  const start = texts.input(map, channel, hasPadding ? padding.flat().join(', ') : undefined);
  if (!isRead) return `${start} ${texts.unread}`;
  const cellNames = [...reads.cells.keys()].map((key) =>
    key
      .split(',')
      .map((at) => Number(at) + 1)
      .join(', '),
  );
  if (cellNames.length === 0) return `${start} ${texts.noneRead}`;
  return `${start} ${texts.read(cellNames.length, cellNames.length <= NAMED ? cellNames.join('; ') : undefined)}`;
}
