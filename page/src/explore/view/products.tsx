/** The products that add up to the selected cell, for one input channel, each a multiplication that can be checked. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { mostOf } from '../model/colours.js';
import { keyOf } from '../model/maps.js';
import { formatExact, type ChannelTerms, type Term } from '../model/numbers.js';
import { NO_PADDING } from '../model/stage.js';
import { useTexts } from '../texts/use_texts.js';
import { CellChooser } from './cell_chooser.js';
import { frameOf, valueStyle } from './plane.js';

export interface ProductsProps {
  /** Size of the kernel. */
  readonly size: Place;
  /** Products of the input channel that is shown. */
  readonly shown: ChannelTerms;
  /** Number of input channels that are added. */
  readonly channels: number;
  readonly tap: Place | null;
  readonly onChoose: (tap: Place) => void;
  readonly onHover: (tap: Place | null) => void;
}

/** Width of the products in pixels. */
const WIDEST = 132;

const productOf = ({ value, weight }: Term): number => value * weight;

const bracket = (value: number): string => (value < 0 ? `(${formatExact(value)})` : formatExact(value));

export function Products({ size, shown, channels, tap, onChoose, onHover }: ProductsProps): JSX.Element {
  const { products: texts } = useTexts();
  const frame = frameOf(size, NO_PADDING, WIDEST);
  const terms = new Map(shown.terms.map((term) => [keyOf(term.tap), term]));
  const most = mostOf(shown.terms.map(productOf));
  const current = tap === null ? undefined : terms.get(keyOf(tap));
  const until = current ? shown.terms.indexOf(current) + 1 : shown.terms.length;
  const total = shown.terms.slice(0, until).reduce((sum, term) => sum + productOf(term), 0);
  return (
    <figure class="products">
      <figcaption>
        <strong>{texts.title}</strong> {channels === 1 ? '' : texts.ofChannel(shown.channel)}
      </figcaption>
      <CellChooser
        {...{ frame, onChoose, onHover }}
        label={texts.label(size)}
        chosen={tap}
        styleAt={(y, x) => {
          const term = terms.get(keyOf([y, x]));
          if (term === undefined) return { kind: 'blank' };
          const product = productOf(term);
          return { kind: '', ...valueStyle(frame, product, most, formatExact(product)) };
        }}
        describe={(y, x) => {
          const term = terms.get(keyOf([y, x]));
          return term === undefined ? texts.none : equationOf(term);
        }}
      />
      <p class="equation">
        {current === undefined ? (
          texts.all
        ) : (
          <>
            {equationOf(current)}
            <br />
            {texts.some(until, shown.terms.length)}
          </>
        )}{' '}
        <strong>{formatExact(total)}</strong>
      </p>
    </figure>
  );
}

const equationOf = (term: Term): string =>
  `${formatExact(term.value)} × ${bracket(term.weight)} = ${formatExact(productOf(term))}`;
