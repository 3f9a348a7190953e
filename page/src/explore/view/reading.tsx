/** Describes in a sentence which cells the selected output cell reads. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import type { MapReads, Picture } from '../model/maps.js';
import { useTexts } from '../texts/use_texts.js';

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

export function Reading({
  id,
  picture: { maps, stages },
  traced,
  act,
  cell,
  channel,
  hasNumbers,
}: ReadingProps): JSX.Element {
  const texts = useTexts();
  const first = act ?? 0;
  const [input, output] = [maps[first]!, act === null ? maps.at(-1)! : maps[act + 1]!];
  const { cells, channels, reads } = traced[first]!;
  const outside = reads.filter(({ place }) => place.some((at, axis) => at < 0 || at > input.size[axis]! - 1)).length;
  const hasKernel = stages[first]!.kernel !== null;
  const isGrid = hasKernel && reads.every(({ place }) => place.every(Number.isInteger));
  return (
    <p id={id} class={`reading ${hasNumbers ? 'outlined' : ''}`}>
      {texts.reading({
        ...{ input, output, cell, channel, outside, hasKernel },
        cells: cells.size,
        channels: channels.size,
        hasTapNumbers: reads.length > 1 && !hasNumbers && isGrid,
      })}
    </p>
  );
}
