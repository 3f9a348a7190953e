/** Diagram of a convolution: its feature maps and kernels in a row, with the cells that the selected output cell reads. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { groupOf, keyOf, type MapReads, type Picture } from '../model/maps.js';
import { formatCell, valueAt, type Numbers } from '../model/numbers.js';
import { NO_PADDING, type Stage } from '../model/stage.js';
import { CellChooser } from './cell_chooser.js';
import { ChannelStack } from './channel_stack.js';
import { KernelFigure } from './kernel_figure.js';
import { fitsCell, frameOf, type CellStyle, type Frame } from './plane.js';
import { ReadPlane } from './read_plane.js';

export interface PictureViewProps {
  readonly picture: Picture;
  readonly traced: readonly MapReads[];
  readonly cell: Place;
  /** Visible channel of every feature map; that of the last one is the selected channel. */
  readonly shown: readonly number[];
  readonly numbers: Numbers | null;
  /** Numbers of every feature map, if known. */
  readonly values: readonly (readonly number[] | undefined)[];
  /** ID of the text that describes the cells read. */
  readonly describedBy: string;
  /** Whether to shade output cells by the number of products they sum. */
  readonly isShaded: boolean;
  readonly onChoose: (cell: Place) => void;
  readonly onShow: (map: number, channel: number) => void;
  /** Objects that can be dragged in the input. */
  readonly handles?: ((frame: Frame) => JSX.Element) | undefined;
}

/** Width of each of three feature maps in pixels, so that they fit in a row. */
const NARROW = 238;

export function PictureView(props: PictureViewProps): JSX.Element {
  const { picture, traced, shown, numbers } = props;
  return (
    <div class="maps">
      {picture.maps.map((_, index) => (
        <>
          <MapFigure key={`map ${index}`} {...props} index={index} />
          {index < picture.stages.length ? (
            <div class="between" key={`stage ${index}`}>
              <KernelFigure
                stage={picture.stages[index]!}
                reads={traced[index]!}
                input={shown[index]!}
                output={shown[index + 1]!}
                weights={numbers?.weights[index]}
              />
              <span class="arrow" aria-hidden="true" />
            </div>
          ) : null}
        </>
      ))}
    </div>
  );
}

function MapFigure(props: PictureViewProps & { readonly index: number }): JSX.Element {
  const { picture, traced, cell, shown, values, index, isShaded, describedBy, onChoose, onShow, handles } = props;
  const { maps, stages } = picture;
  const map = maps[index]!;
  const channel = shown[index]!;
  const isLast = index === maps.length - 1;
  const reads = traced[index];
  const frame = mapFrame(picture, index);
  const known = values[index];
  const textOf = ([y, x]: Place): string => formatCell(valueAt(map, known!, y, x, channel));
  const fits = known?.every((value) => fitsCell(frame, formatCell(value))) ?? true;
  const title = titleOf(map, channel);
  const isUsed = (at: number): boolean => (isLast ? at === channel : reads!.channels.has(at));
  const groups = groupsOf(stages, index);
  const most = isShaded ? mostReads(stages.at(-1)!) : 0;
  const styleAt = (y: number, x: number): CellStyle => ({
    kind: isShaded ? 'shaded' : '',
    ...(isShaded ? { strength: stages.at(-1)!.reads(y, x).length / most / 2 } : {}),
    ...(known && fits ? { text: textOf([y, x]) } : {}),
  });
  return (
    <figure class="map">
      <figcaption>
        <strong>{map.title}</strong> {[...map.size, map.channels].join(' × ')}
      </figcaption>
      {isLast ? (
        <CellChooser
          frame={frame}
          label={`${title}, ${map.size[0]} by ${map.size[1]} cells. Arrow keys choose a cell.`}
          {...{ describedBy, onChoose, styleAt }}
          chosen={cell}
        />
      ) : (
        <ReadPlane
          {...{ frame, title }}
          reads={reads!}
          isRead={isUsed(channel)}
          textAt={known && fits ? textOf : undefined}
          interactive={index === 0 && handles !== undefined}
        >
          {index === 0 ? handles?.(frame) : null}
        </ReadPlane>
      )}
      {map.channels === 1 ? null : (
        <ChannelStack
          title={map.title}
          size={map.size}
          channels={map.channels}
          shown={channel}
          marked={isLast ? [keyOf(cell)] : reads!.cells.keys()}
          isUsed={isUsed}
          groupOf={groups}
          onShow={(at) => onShow(index, at)}
        />
      )}
      {fits ? null : <p class="quiet">The cells are too small to show numbers: choose a smaller size.</p>}
    </figure>
  );
}

/** Frame of a feature map, with the padding that the next stage adds around it. */
function mapFrame({ maps, stages }: Picture, index: number): Frame {
  const { size } = maps[index]!;
  const padding = stages[index]?.padding ?? NO_PADDING;
  return maps.length > 2 ? frameOf(size, padding, NARROW) : frameOf(size, padding);
}

function titleOf({ title, channels }: Picture['maps'][number], channel: number): string {
  return channels === 1 ? title : `${title}, channel ${channel + 1} of ${channels}`;
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
