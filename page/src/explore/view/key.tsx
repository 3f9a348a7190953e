/** Sample of an outline in the picture, beside the words for what has that outline. */
import type { JSX } from 'preact';

export function Key({ of }: { readonly of: 'chosen' | 'read' | 'fed' }): JSX.Element {
  return <span class={`key ${of}`} aria-hidden="true" />;
}
