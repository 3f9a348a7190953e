/** Limits of what the scenes show, with the figures of the test. */
import type { JSX } from 'preact';
import { percent } from '../describe_inspection.js';
import type { Followed, Reached } from './scene_messages.js';

interface Props {
  readonly reached: Followed;
  readonly deeper: Reached;
}

export function Limits({ reached, deeper }: Props): JSX.Element {
  const [least, most] = reached.spread;
  return (
    <ul class="see-quiet see-limits">
      <li>
        Samples follow the size because the task needs it: the trunk sees little, and digits differ fourfold in size.
        Spread grows from {least.toFixed(1)} px on the smallest tenth of the test digits to {most.toFixed(1)} px on the
        largest.
      </li>
      <li>
        {percent(reached.onInk)} of the samples are on ink of the digit, of a square grid as wide{' '}
        {percent(reached.controlOnInk)}, and of the plain grid {percent(reached.plainOnInk)}: it is small, so it stays
        on the stroke that it is on.
      </li>
      <li>
        The plain network is the same but for the offsets; the wider and the deeper one, with one layer more, have as
        many parameters. The deeper one narrows the gap to {(100 * (reached.right - deeper.right)).toFixed(1)} points.
        One seed each.
      </li>
    </ul>
  );
}
