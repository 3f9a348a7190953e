/** Keeps the focus near an element that is removed or disabled: browsers would move it to the page. */
import { useEffect, useRef } from 'preact/hooks';

/** The enabled button that now has the position of the one that is gone, or the last one. */
export function buttonAt(container: HTMLElement, index: number): HTMLElement | undefined {
  const buttons = container.querySelectorAll<HTMLElement>('button:enabled');
  return buttons[Math.min(index, buttons.length - 1)];
}

/**
 * @param state changes whenever elements of the container may go
 * @param next finds the element to focus, from the former position among the buttons. @default the button there
 * @returns reference of the container
 */
export function useKeptFocus<T extends HTMLElement>(
  state: unknown,
  next: (container: T, index: number) => HTMLElement | undefined = buttonAt,
): { readonly current: T | null } {
  const container = useRef<T>(null);
  const last = useRef<{ readonly element: Element; readonly index: number } | undefined>(undefined);
  const isLost = useRef(false);
  useEffect(() => {
    const note = ({ target }: FocusEvent): void => {
      isLost.current = false;
      const isInside = target instanceof Element && container.current?.contains(target) === true;
      const index = isInside ? [...container.current!.querySelectorAll('button:enabled')].indexOf(target) : -1;
      last.current = isInside ? { element: target, index: Math.max(0, index) } : undefined;
    };
    document.addEventListener('focusin', note);
    return () => {
      document.removeEventListener('focusin', note);
    };
  }, []);
  useEffect(() => {
    if (!last.current) return;
    const { element, index } = last.current;
    isLost.current ||= !element.isConnected || element.matches(':disabled');
    if (isLost.current && document.activeElement === document.body && container.current) {
      next(container.current, index)?.focus();
    }
  }, [state, next]);
  return container;
}
