/** An element of a drawing that can be dragged with pointer or touch, or moved with the arrow keys. */
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Place } from 'tfjs-convolutions/geometry';
import { EDGE, middleOf, type Frame } from './plane.js';

export interface HandleProps {
  readonly frame: Frame;
  /** Location in cells; integers are the middles of cells. */
  readonly place: Place;
  readonly label: string;
  readonly kind: string;
  /** Movement per key press, in cells. */
  readonly step: number;
  readonly isSelected?: boolean;
  /** True if the Tab key stops here; Page Up and Page Down go to the other handles. @default isSelected */
  readonly isEntry?: boolean;
  readonly onMove: (place: Place) => void;
  readonly onSelect?: () => void;
  /** Drawing of the handle. */
  readonly children: ComponentChildren;
}

export const DIRECTIONS: Readonly<Record<string, Place>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const TURNS: Readonly<Record<string, number>> = { PageUp: -1, PageDown: 1 };

/** Moves the focus to the handle before or after. */
function focusOther(handle: SVGGElement, by: number): void {
  const handles = [...handle.ownerSVGElement!.querySelectorAll<SVGGElement>('.handle')];
  handles[(handles.indexOf(handle) + by + handles.length) % handles.length]!.focus();
}

/** Radius of the touch target in pixels. */
const REACH = 18;
/** Pixels by which the selected handle may be farther from the pointer than another one and is still the one meant. */
const PREFERENCE = 6;

/** Location of the pointer in units of the drawing. */
export function pointIn(event: PointerEvent): DOMPoint {
  const toDrawing = (event.currentTarget as SVGGElement).ownerSVGElement!.getScreenCTM()!.inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(toDrawing);
}

/** The handle that the pointer means: where targets overlap, the topmost one gets the event, not the nearest. */
function nearestHandle(event: PointerEvent): Element {
  const under = event.currentTarget as SVGGElement;
  const { x, y } = pointIn(event);
  let nearest: Element = under;
  let least = Infinity;
  for (const circle of under.ownerSVGElement!.querySelectorAll<SVGCircleElement>('.handle > .reach')) {
    const distance = Math.hypot(circle.cx.baseVal.value - x, circle.cy.baseVal.value - y);
    const handle = circle.parentElement!;
    const cost = distance - (handle.classList.contains('selected') ? PREFERENCE : 0);
    if (distance > REACH || cost >= least) continue;
    [nearest, least] = [handle, cost];
  }
  return nearest;
}

export function Handle(props: HandleProps): JSX.Element {
  const {
    frame,
    place,
    label,
    kind,
    step,
    isSelected = false,
    isEntry = isSelected,
    onMove,
    onSelect,
    children,
  } = props;
  /** Vector from the pointer to the location while dragging. */
  const grip = useRef<Place>(undefined);
  const [y, x] = middleOf(frame, place);
  const pointerAt = (event: PointerEvent): Place => {
    const { cell, padding } = frame;
    const point = pointIn(event);
    return [(point.y - EDGE) / cell - padding[0][0] - 0.5, (point.x - EDGE) / cell - padding[1][0] - 0.5];
  };
  return (
    <g
      class={`handle ${kind} ${isSelected ? 'selected' : ''}`}
      role="button"
      tabindex={isEntry ? 0 : -1}
      aria-label={label}
      aria-pressed={onSelect === undefined ? undefined : isSelected}
      onFocus={() => onSelect?.()}
      onPointerDown={(event) => {
        event.preventDefault();
        const nearest = nearestHandle(event);
        if (nearest !== event.currentTarget) {
          nearest.dispatchEvent(new PointerEvent(event.type, event));
          return;
        }
        const [top, left] = pointerAt(event);
        grip.current = [place[0] - top, place[1] - left];
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus({ preventScroll: true });
      }}
      onPointerMove={(event) => {
        if (grip.current === undefined) return;
        const [top, left] = pointerAt(event);
        onMove([top + grip.current[0], left + grip.current[1]]);
      }}
      onPointerUp={() => (grip.current = undefined)}
      onPointerCancel={() => (grip.current = undefined)}
      onKeyDown={(event) => {
        const turn = TURNS[event.key];
        if (turn !== undefined) {
          event.preventDefault();
          focusOther(event.currentTarget, turn);
        }
        const direction = DIRECTIONS[event.key];
        if (direction === undefined) return;
        event.preventDefault();
        onMove([place[0] + step * direction[0], place[1] + step * direction[1]]);
      }}
    >
      <circle class="reach" cx={x} cy={y} r={REACH} />
      {children}
    </g>
  );
}
