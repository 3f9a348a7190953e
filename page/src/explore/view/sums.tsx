/** Sums that give the selected output cell, one for every stage whose result is a single cell. */
import type { JSX } from 'preact';
import type { MapReads, Picture } from '../model/maps.js';
import { termsOf, valueAt, type Numbers } from '../model/numbers.js';
import { SumView } from './sum_view.js';

export interface SumsProps {
  readonly picture: Picture;
  readonly traced: readonly MapReads[];
  /** Visible channel of every feature map. */
  readonly shown: readonly number[];
  readonly numbers: Numbers;
  readonly values: readonly (readonly number[] | undefined)[];
}

export function Sums({ picture, traced, shown, numbers, values }: SumsProps): JSX.Element {
  const { maps } = picture;
  return (
    <div class="sums">
      {traced.map((reads, index) => {
        const [before, after] = [values[index], values[index + 1]];
        if (reads.target === null || before === undefined) return null;
        const map = maps[index + 1]!;
        const channel = shown[index + 1]!;
        const [y, x] = reads.target;
        const isLast = index === traced.length - 1;
        const of = map.channels === 1 ? '' : `, channel ${channel + 1}`;
        return (
          <SumView
            key={index}
            title={`${map.title}: row ${y + 1}, column ${x + 1}${of}`}
            channels={termsOf(picture, index, reads, before, numbers.weights[index]!, channel)}
            bias={isLast ? (numbers.bias[channel] ?? 0) : 0}
            result={after && valueAt(map, after, y, x, channel)}
          />
        );
      })}
    </div>
  );
}
