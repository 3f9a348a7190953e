/** Describes in a sentence which cells the selected output cell reads. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import type { MapReads, Picture } from '../model/maps.js';

export interface ReadingProps {
  readonly id: string;
  readonly picture: Picture;
  readonly traced: readonly MapReads[];
  /** Stage that is shown alone; `null` for all of them. */
  readonly act: number | null;
  readonly cell: Place;
  readonly channel: number;
  readonly hasNumbers: boolean;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function Reading({
  id,
  picture: { maps, stages },
  traced,
  act,
  cell,
  channel,
  hasNumbers,
}: ReadingProps): JSX.Element {
  const first = act ?? 0;
  const [input, output] = [maps[first]!, act === null ? maps.at(-1)! : maps[act + 1]!];
  const { cells, channels, reads } = traced[first]!;
  const outside = reads.filter(({ place }) => place.some((at, axis) => at < 0 || at > input.size[axis]! - 1)).length;
  const hasKernel = stages[first]!.kernel !== null;
  const isGrid = hasKernel && reads.every(({ place }) => place.every(Number.isInteger));
  const all = input.size[0] * input.size[1];
  const into = output.channels === 1 ? '' : ` of channel ${channel + 1}`;
  return (
    <p id={id} class={`reading ${hasNumbers ? 'outlined' : ''}`}>
      <span class="key chosen" aria-hidden="true" /> The {output.title.toLowerCase()} cell in row {cell[0] + 1}, column{' '}
      {cell[1] + 1}
      {into} reads <span class="key read" aria-hidden="true" /> {cells.size} of {all} {input.title.toLowerCase()} cells
      {input.channels === 1 ? '' : ` in ${channels.size} of ${plural(input.channels, 'channel')}`}
      {outside > 0
        ? `; ${plural(outside, hasKernel ? 'tap' : 'sample')} reach${outside === 1 ? 'es' : ''} into the padding`
        : ''}
      .{reads.length > 1 && !hasNumbers && isGrid ? ' The numbers show which tap of the kernel reads which cell.' : ''}
    </p>
  );
}
