/** Prediction of the network, as bars with numbers. */
import type { JSX } from 'preact';
import type { Answer } from './messages.js';

/** Number of classes to show for networks with many classes. */
const MOST_ROWS = 10;

/** Uses a no-break space between the number and the sign. */
const percent = (probability: number): string => `${(100 * probability).toFixed(1)}\u00a0%`;

export function Answers({ answer }: { readonly answer: Answer }): JSX.Element {
  const { probabilities, classNames } = answer;
  const best = probabilities.indexOf(Math.max(...probabilities));
  return (
    <section class="panel see-answers" aria-labelledby="see-answers">
      <h3 id="see-answers">What the network says</h3>
      <p>
        It takes the picture for{' '}
        <strong>
          {classNames[best]} ({percent(probabilities[best]!)})
        </strong>
        . Bars are the share of certainty that each class gets.
      </p>
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">class</th>
            <th scope="col">certainty</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(answer).map((index) => (
            <tr key={index}>
              <th scope="row">{classNames[index]}</th>
              <Bar probability={probabilities[index]!} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Bar({ probability }: { readonly probability: number }): JSX.Element {
  return (
    <td>
      <span class="see-bar">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect class="deformable" width={100 * probability} height="10" />
        </svg>
        <span>{percent(probability)}</span>
      </span>
    </td>
  );
}

/** Classes in order, or the most probable first if there are many. */
function rowsOf({ probabilities }: Answer): readonly number[] {
  const all = probabilities.map((_, index) => index);
  return all.length <= MOST_ROWS ? all : all.sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, MOST_ROWS);
}
