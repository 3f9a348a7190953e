/** One feature map of the picture: its visible channel as cells, a legend, and thumbnails of its channels. */
import type { JSX } from 'preact';
import { mostOf } from '../model/colours.js';
import { groupOf, keyOf, type CellMap, type MapReads } from '../model/maps.js';
import { formatCell, valueAt } from '../model/numbers.js';
import { NO_PADDING, type Stage } from '../model/stage.js';
import { useTexts } from '../texts/use_texts.js';
import { CellChooser } from './cell_chooser.js';
import { ChannelStack } from './channel_stack.js';
import { Legend } from './legend.js';
import type { PictureViewProps } from './picture_view.js';
import { frameOf, Plane, valueStyle, type CellStyle, type Frame } from './plane.js';
import { ReadPlane } from './read_plane.js';

export interface MapFigureProps extends PictureViewProps {
  readonly index: number;
  /** Largest width in pixels. */
  readonly widest: number;
}

export function MapFigure(props: MapFigureProps): JSX.Element {
  const texts = useTexts();
  const { picture, traced, cell, shown, values, index, target, widest, reached, onShow } = props;
  const { maps, stages } = picture;
  const map = maps[index]!;
  const channel = shown[index]!;
  const isTarget = index === target;
  const frame = frameOf(map.size, stages[index]?.padding ?? NO_PADDING, widest);
  const gradient = index === 0 ? props.backward?.input : undefined;
  // A map after the act that is shown has not been computed yet.
  const known = index > target ? undefined : (gradient ?? values[index]);
  const isUsed = (at: number): boolean => (isTarget ? at === channel : isRead(traced[index], at));
  const Drawing = drawingOf(index, target);
  return (
    <figure class="map">
      <figcaption>
        <strong>{texts.map.name(map.title)}</strong>{' '}
        {gradient ? texts.gradient : [...map.size, map.channels].join(' × ')}
      </figcaption>
      <Drawing
        {...props}
        frame={frame}
        {...{ map, channel }}
        most={mostOf(known ?? [])}
        valueOf={known && ((y, x) => valueAt(map, known, y, x, channel))}
        isUsed={isUsed(channel)}
      />
      {known ? <Legend most={mostOf(known)} /> : null}
      {map.channels === 1 ? null : (
        <ChannelStack
          title={map.title}
          size={map.size}
          channels={map.channels}
          shown={channel}
          values={isTarget && reached !== null ? undefined : known}
          marked={isTarget ? [keyOf(cell)] : cellsOf(traced[index])}
          isUsed={isUsed}
          groupOf={groupsOf(stages, index)}
          onShow={(at) => onShow(index, at)}
        />
      )}
    </figure>
  );
}

/** The output has no reads of its own. */
const isRead = (reads: MapReads | undefined, channel: number): boolean => reads?.channels.has(channel) === true;

const cellsOf = (reads: MapReads | undefined): Iterable<string> => reads?.cells.keys() ?? [];

/** Component that draws a map before, at or after the one with the selected cell. */
function drawingOf(index: number, target: number): (props: DrawingProps) => JSX.Element {
  if (index === target) return OutputDrawing;
  return index < target ? InputDrawing : BlankDrawing;
}

interface DrawingProps extends MapFigureProps {
  readonly frame: Frame;
  readonly map: CellMap;
  /** Visible channel. */
  readonly channel: number;
  /** Value at the end of the colour scale. */
  readonly most: number;
  /** Value of a cell, if values are known. */
  readonly valueOf: ((y: number, x: number) => number) | undefined;
  /** True if the visible channel is read. */
  readonly isUsed: boolean;
}

function OutputDrawing(props: DrawingProps): JSX.Element {
  const { picture, cell, isShaded, reached, describedBy, source, onChoose, onHover } = props;
  const { frame, map, channel, most, valueOf } = props;
  const texts = useTexts();
  const stage = picture.stages[props.index - 1]!;
  const [height, width] = frame.size;
  const mostRead = isShaded ? mostReads(stage) : 0;
  const styleAt = (y: number, x: number): CellStyle => {
    // The map after an act has the padding of the next stage around it.
    if (y < 0 || x < 0 || y >= height || x >= width) return { kind: '' };
    if (reached !== null && y * width + x > reached) return { kind: 'blank' };
    const fed = source?.fed.has(keyOf([y, x])) === true ? { mark: 'fed' } : {};
    if (valueOf) {
      const value = valueOf(y, x);
      return { kind: '', ...fed, ...valueStyle(frame, value, most, formatCell(value)) };
    }
    return isShaded
      ? { ...fed, kind: 'shaded', strength: stage.reads(y, x).length / mostRead / 2 }
      : { ...fed, kind: '' };
  };
  return (
    <CellChooser
      label={texts.map.output(map, channel)}
      {...{ frame, describedBy, onChoose, onHover, styleAt }}
      chosen={cell}
      describe={(y, x) => valueOf && formatCell(valueOf(y, x))}
    />
  );
}

function BlankDrawing({ frame, map, channel }: DrawingProps): JSX.Element {
  const texts = useTexts();
  return <Plane {...{ frame }} label={texts.map.blank(map, channel)} styleAt={() => ({ kind: 'blank' })} />;
}

function InputDrawing(props: DrawingProps): JSX.Element {
  const { traced, taps, index, over, source, hasHandles, frame, map, channel, most, valueOf, isUsed } = props;
  const isFirst = index === 0;
  const tap = taps[index];
  const active = tap ? traced[index]!.reads.find((read) => keyOf(read.tap) === keyOf(tap))?.place : undefined;
  return (
    <ReadPlane
      {...{ frame, map, channel, most, active }}
      reads={traced[index]!}
      isRead={isUsed}
      choice={isFirst && over === undefined ? source?.choice : undefined}
      valueAt={valueOf && (([y, x]) => valueOf(y, x))}
      interactive={isFirst && over !== undefined}
      hasHandles={isFirst && hasHandles}
    >
      {isFirst ? over?.(frame) : null}
    </ReadPlane>
  );
}

/** Group of a channel, if a stage next to the feature map has several. */
function groupsOf(stages: readonly Stage[], index: number): ((channel: number) => number) | undefined {
  const [before, after] = [stages[index - 1], stages[index]];
  if (after !== undefined && after.groups.length > 1) return (channel) => groupOf(after, 'inputs', channel);
  if (before !== undefined && before.groups.length > 1) return (channel) => groupOf(before, 'outputs', channel);
  return undefined;
}

function mostReads({ outputSize, reads }: Stage): number {
  const counts = Array.from(
    { length: outputSize[0] * outputSize[1] },
    (_, at) => reads(Math.floor(at / outputSize[1]), at % outputSize[1]).length,
  );
  return Math.max(...counts);
}
