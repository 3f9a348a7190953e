/** Place of the results before there is a network: the classes that it will choose from. */
import type { JSX } from 'preact';
import { Bars } from './bars.js';
import type { Form } from './form.js';

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

export function NothingYet({ data, classes }: Pick<Form, 'data' | 'classes'>): JSX.Element {
  const names = data === 'digits' ? DIGITS : classes.map(({ name }) => name);
  return (
    <section class="panel" aria-labelledby="try-title">
      <h3 id="try-title">3. Try it</h3>
      <p class="quiet">
        After training, draw here, open an image or use the camera: bars show how sure the network is of each class.
        From here the network also opens in See, and is exported as files.
      </p>
      <Bars guesses={names.map((name) => ({ name, probability: 0 }))} />
    </section>
  );
}
