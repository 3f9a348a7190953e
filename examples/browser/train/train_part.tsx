/** Train. */
import type { JSX } from 'preact';

export function TrainPart(): JSX.Element {
  return <h2>Train</h2>;
}
