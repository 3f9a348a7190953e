/** Keeps the current link of a list in sight where the list scrolls sideways. */
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * @param current changes when another link becomes the current one
 * @returns for the list; only the list is scrolled, not the page
 */
export function useLinkInSight(current: string | undefined): { readonly current: HTMLElement | null } {
  const list = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const link = list.current?.querySelector('[aria-current]');
    if (!list.current || !link) return;
    const frame = list.current.getBoundingClientRect();
    const { left, width } = link.getBoundingClientRect();
    list.current.scrollLeft += left + width / 2 - (frame.left + frame.width / 2);
  }, [current]);
  return list;
}
