/** Taps of a deformable kernel over the input: grid location and sampling location of each. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import type { StageRead } from '../model/stage.js';
import { mostOf } from '../model/colours.js';
import { offsetAt, snap, TAP_STEP } from '../model/offsets.js';
import { useTexts } from '../texts/use_texts.js';
import { Handle } from './handle.js';
import { middleOf, type Frame } from './plane.js';

export interface TapHandlesProps {
  readonly frame: Frame;
  readonly reads: readonly StageRead[];
  readonly offsets: readonly number[];
  /** Gradients of the offsets, if they are shown. */
  readonly gradients: readonly number[] | undefined;
  readonly selected: number;
  readonly onSelect: (tap: number) => void;
  readonly onMove: (tap: number, offset: Place) => void;
}

/** Radius of a dot in pixels for a mask of 0, and the increase for a mask of 1. */
const SMALLEST = 4;
const MASKED = 8;

export function TapHandles({
  frame,
  reads,
  offsets,
  gradients,
  selected,
  onSelect,
  onMove,
}: TapHandlesProps): JSX.Element {
  const { tap: texts } = useTexts();
  return (
    <>
      {reads.map(({ tap, place, factor }, index) => {
        const offset = offsetAt(offsets, index);
        const rest = [place[0] - offset[0], place[1] - offset[1]] as const;
        const [[y1, x1], [y2, x2]] = [middleOf(frame, rest), middleOf(frame, place)];
        return (
          <Handle
            key={index}
            {...{ frame, place }}
            kind="tap"
            label={texts.handle(tap, offset)}
            step={TAP_STEP}
            isSelected={index === selected}
            onSelect={() => onSelect(index)}
            onMove={(to) => {
              const stay = to.map((at, axis) => clampTo(at, frame, axis as 0 | 1)) as [number, number];
              onMove(index, [snap(stay[0] - rest[0], TAP_STEP), snap(stay[1] - rest[1], TAP_STEP)]);
            }}
          >
            {offset[0] === 0 && offset[1] === 0 ? null : (
              <>
                <line class="way" {...{ x1, y1, x2, y2 }} />
                <circle class="rest" cx={x1} cy={y1} r={2.5} />
              </>
            )}
            {gradients === undefined ? null : (
              <Gradient at={[y2, x2]} gradient={offsetAt(gradients, index)} most={mostOf(gradients)} />
            )}
            <circle class="dot" cx={x2} cy={y2} r={SMALLEST + MASKED * factor} />
          </Handle>
        );
      })}
    </>
  );
}

/** Keeps a tap inside the drawing. */
function clampTo(at: number, { size, padding }: Frame, axis: 0 | 1): number {
  return Math.min(Math.max(at, -padding[axis][0]), size[axis] - 1 + padding[axis][1]);
}

/** Length of the longest arrow in pixels, and of a wing of its head. */
const LONGEST = 30;
const WING = 6;

interface GradientProps {
  /** The tap (y, x) in pixels. */
  readonly at: Place;
  readonly gradient: Place;
  /** Largest component of all gradients. */
  readonly most: number;
}

/** Arrow from a tap along the gradient of its offset. */
function Gradient({ at: [y, x], gradient, most }: GradientProps): JSX.Element | null {
  if (gradient[0] === 0 && gradient[1] === 0) return null;
  const [down, right] = gradient.map((part) => (LONGEST * part) / most) as [number, number];
  const angle = Math.atan2(down, right);
  const wings = [angle + 2.6, angle - 2.6].map(
    (turned) => `M ${x + right} ${y + down} l ${WING * Math.cos(turned)} ${WING * Math.sin(turned)}`,
  );
  return <path class="gradient" d={`M ${x} ${y} l ${right} ${down} ${wings.join(' ')}`} />;
}
