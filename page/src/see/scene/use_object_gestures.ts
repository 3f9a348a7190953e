/** Gestures on the digit of a scene: drag, a handle, two fingers, the wheel; and taps anywhere, which choose a position. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Axes } from '../messages.js';

/** The digit as the gestures change it; locations are [y, x] in pixels of the image. */
export interface Movable {
  readonly at: Axes;
  readonly scale: number;
  readonly move: (at: Axes) => void;
  readonly resize: (scale: number) => void;
  readonly choose: (location: Axes) => void;
}

/** Part of the drawing that a pointer can take hold of, in the attribute `data-grip`. */
export type Grip = 'object' | 'corner';

interface Hold {
  readonly grip: Grip | undefined;
  readonly start: Axes;
  readonly at: Axes;
  readonly scale: number;
  hasMoved: boolean;
}

/** Pixels of the image that a pointer moves before it drags. */
const SLACK = 0.7;
/** Change of the logarithm of the size for each pixel that the wheel scrolls. */
const WHEEL = 0.0015;

type PointerHandler = (event: PointerEvent) => void;

export interface PointerHandlers {
  readonly onPointerDown: PointerHandler;
  readonly onPointerMove: PointerHandler;
  readonly onPointerUp: PointerHandler;
  readonly onPointerCancel: PointerHandler;
}

/** @param svg drawing whose units are pixels of the image, with whole numbers at pixel centres */
export function useObjectGestures(svg: RefObject<SVGSVGElement | null>, movable: Movable): PointerHandlers {
  const latest = useRef(movable);
  latest.current = movable;
  const pointers = useRef(new Map<number, Axes>());
  const hold = useRef<Hold>(undefined);
  useEffect(() => {
    const element = svg.current!;
    const turn = (event: WheelEvent): void => {
      if (gripOf(event) === undefined) return;
      // Elsewhere, the wheel scrolls the page.
      event.preventDefault();
      const { scale, resize } = latest.current;
      resize(scale * Math.exp(-WHEEL * Math.max(-200, Math.min(200, event.deltaY))));
    };
    element.addEventListener('wheel', turn, { passive: false });
    return () => {
      element.removeEventListener('wheel', turn);
    };
  }, [svg]);

  const locationOf = ({ clientX, clientY }: PointerEvent): Axes => {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.current!.getScreenCTM()!.inverse());
    return [y, x];
  };
  const take = (grip: Grip | undefined, start: Axes): void => {
    const { at, scale } = latest.current;
    hold.current = { grip, start, at, scale, hasMoved: hold.current !== undefined };
  };
  const spanOf = ([first, second]: readonly Axes[]): number => distance(first!, second!);
  const span = useRef(1);

  return {
    onPointerDown: (event) => {
      if (event.button !== 0 || pointers.current.size === 2) return;
      const location = locationOf(event);
      const grip = gripOf(event);
      pointers.current.set(event.pointerId, location);
      // Fingers that do not take hold of the digit scroll the page.
      if (grip !== undefined || event.pointerType === 'mouse') svg.current!.setPointerCapture(event.pointerId);
      take(grip, location);
      if (pointers.current.size === 2) span.current = spanOf([...pointers.current.values()]);
    },
    onPointerMove: (event) => {
      const held = hold.current;
      if (held === undefined || !pointers.current.has(event.pointerId)) return;
      const location = locationOf(event);
      pointers.current.set(event.pointerId, location);
      const { move, resize } = latest.current;
      if (pointers.current.size === 2) {
        held.hasMoved = true;
        resize((held.scale * spanOf([...pointers.current.values()])) / span.current);
        return;
      }
      held.hasMoved ||= distance(location, held.start) > SLACK;
      if (!held.hasMoved || held.grip === undefined) return;
      if (held.grip === 'corner') resize((held.scale * distance(location, held.at)) / distance(held.start, held.at));
      else move([held.at[0] + location[0] - held.start[0], held.at[1] + location[1] - held.start[1]]);
    },
    onPointerUp: (event) => {
      const held = hold.current;
      if (held === undefined || !pointers.current.delete(event.pointerId)) return;
      const [rest] = pointers.current.values();
      if (rest !== undefined) {
        // The finger that stays goes on to drag.
        take('object', rest);
        return;
      }
      hold.current = undefined;
      if (!held.hasMoved && held.grip !== 'corner') latest.current.choose(locationOf(event));
    },
    onPointerCancel: (event) => {
      pointers.current.delete(event.pointerId);
      if (pointers.current.size === 0) hold.current = undefined;
    },
  };
}

const distance = (a: Axes, b: Axes): number => Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1e-6);

function gripOf({ target }: Event): Grip | undefined {
  return (target as Element).closest<SVGElement>('[data-grip]')?.dataset['grip'] as Grip | undefined;
}
