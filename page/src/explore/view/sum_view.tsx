/** The sum that gives one cell, written out so that it can be checked by hand. */
import type { JSX } from 'preact';
import { formatNumber, sumOf, type ChannelTerms } from '../model/numbers.js';

export interface SumViewProps {
  /** Title: 'Output cell (row 1, column 1)'. */
  readonly title: string;
  readonly channels: readonly ChannelTerms[];
  readonly bias: number;
  /** Result of the layer; undefined until it is known. */
  readonly result: number | undefined;
}

/** Most products of a channel to write out. */
const WRITTEN = 49;

const isRounded = (value: number): boolean => Math.abs(value * 100 - Math.round(value * 100)) > 1e-6;

export function SumView({ title, channels, bias, result }: SumViewProps): JSX.Element {
  const sum = sumOf(channels, bias);
  const isExact = channels.every(({ terms }) =>
    terms.every(({ value, weight }) => !isRounded(value) && !isRounded(weight)),
  );
  return (
    <section class="sum" aria-label={`Sum of ${title.toLowerCase()}`}>
      <h3>{title}</h3>
      <ol>
        {channels.map(({ channel, terms }) => (
          <li key={channel}>
            {channels.length > 1 ? <span class="quiet">channel {channel + 1}: </span> : null}
            {terms.length === 0
              ? '0 (only padding is read)'
              : terms
                  .slice(0, WRITTEN)
                  .map(({ value, weight }) => `${formatNumber(value)}·${bracket(weight)}`)
                  .join(' + ')}{' '}
            <span class="part">= {formatNumber(sumOf([{ channel, terms }], 0))}</span>
          </li>
        ))}
        {bias === 0 ? null : <li>bias {formatNumber(bias)}</li>}
      </ol>
      <p>
        Sum {isExact ? '' : '(of unrounded numbers) '}
        <output>{formatNumber(sum)}</output>; the layer says{' '}
        <strong>{result === undefined ? '…' : formatNumber(result)}</strong>.
      </p>
    </section>
  );
}

const bracket = (value: number): string => (value < 0 ? `(${formatNumber(value)})` : formatNumber(value));
