/** Predictions of the networks, as bars with numbers. */
import type { JSX } from 'preact';
import type { Answer, Shown } from './messages.js';

/** Number of classes to show for networks with many classes. */
const MOST_ROWS = 10;

/** Uses a no-break space between the number and the sign. */
const percent = (probability: number): string => `${(100 * probability).toFixed(1)}\u00a0%`;

export function Answers({ shown: { deformable, plain } }: { readonly shown: Shown }): JSX.Element | null {
  if (deformable === undefined) return null;
  const rows = rowsOf(deformable);
  return (
    <section class="panel see-answers" aria-labelledby="see-answers">
      <h3 id="see-answers">What the {plain ? 'networks say' : 'network says'}</h3>
      <p>
        The deformable network takes it for <strong>{best(deformable)}</strong>
        {plain && (
          <>
            , the plain one for <strong>{best(plain)}</strong>
          </>
        )}
        . Bars are the share of certainty that each class gets.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col">deformable</th>
            {plain && <th scope="col">plain</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={index}>
              <th scope="row">{deformable.classNames[index]}</th>
              <Bar probability={deformable.probabilities[index]!} kind="deformable" />
              {plain && <Bar probability={plain.probabilities[index]!} kind="plain" />}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Bar({
  probability,
  kind,
}: {
  readonly probability: number;
  readonly kind: 'deformable' | 'plain';
}): JSX.Element {
  return (
    <td>
      <span class="see-bar">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect class={kind} width={100 * probability} height="10" />
        </svg>
        <span>{percent(probability)}</span>
      </span>
    </td>
  );
}

function best({ probabilities, classNames }: Answer): string {
  const index = probabilities.indexOf(Math.max(...probabilities));
  return `${classNames[index]!}\u00a0(${percent(probabilities[index]!)})`;
}

/** Classes in order, or the most probable first if there are many. */
function rowsOf({ probabilities }: Answer): readonly number[] {
  const all = probabilities.map((_, index) => index);
  return all.length <= MOST_ROWS ? all : all.sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, MOST_ROWS);
}
