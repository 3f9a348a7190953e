/** See. */
import type { JSX } from 'preact';

export function SeePart(): JSX.Element {
  return <h2>See</h2>;
}
