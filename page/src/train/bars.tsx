/** Probabilities of classes as bars. */
import type { JSX } from 'preact';
import type { Guess } from './classify.js';
import { percent } from './format.js';

/** Number of classes to show, few enough to take in at a glance. */
const SHOWN = 5;

export function Bars({ guesses }: { readonly guesses: readonly Guess[] }): JSX.Element {
  return (
    <ul class="guesses">
      {guesses.slice(0, SHOWN).map(({ name, probability }) => (
        <li key={name}>
          <span>{name}</span>
          <meter min={0} max={1} value={probability} aria-label={`How sure it is of ${name}`} />
          <span>{percent(probability)}</span>
        </li>
      ))}
    </ul>
  );
}
