/** A box over the feature map, and its bins, each shifted by its offset. */
import type { JSX } from 'preact';
import type { Place, RegionBin } from 'tfjs-convolutions/geometry';
import { snap } from '../model/offsets.js';
import { useTexts } from '../texts/use_texts.js';
import { Handle } from './handle.js';
import { middleOf, type Frame } from './plane.js';

export interface BinHandlesProps {
  readonly frame: Frame;
  readonly bins: readonly RegionBin[];
  /** (y1, x1, y2, x2), from the edge of the first cell. */
  readonly box: readonly number[];
  readonly chosen: Place;
  readonly onChoose: (bin: Place) => void;
  /** Moves the upper left corner of a bin, in cells. */
  readonly onMove: (bin: number, start: Place) => void;
  readonly onBox: (box: readonly number[]) => void;
}

const BIN_STEP = 0.25;
const BOX_STEP = 0.5;
/** Smallest size of a box. */
const SMALLEST_BOX = 1;

/** Corners, with the entries of the box that they change. */
const CORNERS = [
  { name: 'upperLeft', y: 0, x: 1 },
  { name: 'upperRight', y: 0, x: 3 },
  { name: 'lowerLeft', y: 2, x: 1 },
  { name: 'lowerRight', y: 2, x: 3 },
] as const;

export function BinHandles({ frame, bins, box, chosen, onChoose, onMove, onBox }: BinHandlesProps): JSX.Element {
  const { bin: texts } = useTexts();
  return (
    <>
      {bins.map(({ bin, start, size, samples }, index) => {
        const middle = [start[0] + size[0] / 2, start[1] + size[1] / 2] as const;
        const isChosen = bin[0] === chosen[0] && bin[1] === chosen[1];
        return (
          <Handle
            key={index}
            frame={frame}
            place={middle}
            kind="bin"
            step={BIN_STEP}
            label={texts.handle(bin)}
            isSelected={isChosen}
            onSelect={() => onChoose(bin)}
            onMove={(to) => onMove(index, [to[0] - size[0] / 2, to[1] - size[1] / 2])}
          >
            <Box frame={frame} kind="frame" from={start} to={[start[0] + size[0], start[1] + size[1]]} />
            {isChosen
              ? samples.map(({ place }) => {
                  const [cy, cx] = middleOf(frame, place);
                  return <circle key={place.join()} class="sample" {...{ cx, cy }} r={4} />;
                })
              : null}
          </Handle>
        );
      })}
      <Box frame={frame} kind="box" from={[box[0]! - 0.5, box[1]! - 0.5]} to={[box[2]! - 0.5, box[3]! - 0.5]} />
      {CORNERS.map(({ name, y, x }) => (
        <Handle
          key={name}
          frame={frame}
          place={[box[y]! - 0.5, box[x]! - 0.5]}
          kind="corner"
          step={BOX_STEP}
          label={texts.corner(texts.corners[name], box[y]!, box[x]!)}
          onMove={(to) => onBox(movedCorner(box, y, x, to, frame.size))}
        >
          <Corner frame={frame} at={[box[y]! - 0.5, box[x]! - 0.5]} />
        </Handle>
      ))}
    </>
  );
}

/** Moves one corner of the box, inside the feature map and not past the opposite corner. */
function movedCorner(box: readonly number[], y: 0 | 2, x: 1 | 3, to: Place, size: Place): number[] {
  const next = [...box];
  const move = (entry: number, other: number, at: number, last: number): void => {
    const inside = Math.min(Math.max(snap(at + 0.5, BOX_STEP), 0), last);
    next[entry] =
      entry < other ? Math.min(inside, box[other]! - SMALLEST_BOX) : Math.max(inside, box[other]! + SMALLEST_BOX);
  };
  move(y, 2 - y, to[0], size[0]);
  move(x, 4 - x, to[1], size[1]);
  return next;
}

interface BoxProps {
  readonly frame: Frame;
  readonly kind: string;
  readonly from: Place;
  readonly to: Place;
}

function Box({ frame, kind, from, to }: BoxProps): JSX.Element {
  const [[top, left], [bottom, right]] = [middleOf(frame, from), middleOf(frame, to)];
  return <rect class={kind} x={left} y={top} width={Math.max(right - left, 0)} height={Math.max(bottom - top, 0)} />;
}

function Corner({ frame, at }: { readonly frame: Frame; readonly at: Place }): JSX.Element {
  const [y, x] = middleOf(frame, at);
  return <rect class="knob" x={x - 5} y={y - 5} width={10} height={10} />;
}
