/** Panel of the answers to the test images: a matrix of classes, and the mistakes. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../shared/message_of.js';
import { Notice } from '../shared/notice.js';
import { drawPixels } from '../shared/draw_pixels.js';
import { percent } from './format.js';
import type { Examination, WrongImage } from './protocol.js';
import type { Worker } from './use_training.js';

interface TestPanelProps {
  readonly classNames: readonly string[];
  /** Changes when the network has learned on. */
  readonly epoch: number;
  readonly worker: () => Promise<Worker>;
}

export function TestPanel({ classNames, epoch, worker }: TestPanelProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [found, setFound] = useState<Examination>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    setFound(undefined);
  }, [epoch]);
  useEffect(() => {
    if (!isOpen || found) return;
    worker()
      .then(({ engine }) => engine.examine())
      .then(setFound, (error: unknown) => {
        setProblem(messageOf(error));
      });
  }, [isOpen, found, worker]);
  return (
    <details
      class="panel test-panel"
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
      }}
    >
      <summary>What it takes the test images for</summary>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      {found ? (
        <>
          <Matrix matrix={found.matrix} classNames={classNames} />
          <Mistakes found={found} />
        </>
      ) : (
        problem === undefined && <p role="status">Asking the network about every test image …</p>
      )}
    </details>
  );
}

function urlOf({ height, width, colours }: Pick<WrongImage, 'height' | 'width' | 'colours'>): string {
  return drawPixels(height, width, (pixel) => [
    colours[4 * pixel]!,
    colours[4 * pixel + 1]!,
    colours[4 * pixel + 2]!,
    colours[4 * pixel + 3]!,
  ]);
}

interface MatrixProps {
  readonly matrix: Examination['matrix'];
  readonly classNames: readonly string[];
}

function Matrix({ matrix, classNames }: MatrixProps): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Answers to the test images">
      <table class="confusion">
        <caption>
          A row for each true class, a column for each answer: numbers of test images. Right answers are on the
          diagonal.
        </caption>
        <thead>
          <tr>
            <td />
            {classNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, truth) => {
            const count = Math.max(
              1,
              row.reduce((a, b) => a + b, 0),
            );
            return (
              <tr key={classNames[truth]}>
                <th scope="row">{classNames[truth]}</th>
                {row.map((cell, guess) => (
                  <td
                    key={classNames[guess]}
                    class={guess === truth ? 'right' : cell > 0 ? 'wrong' : ''}
                    style={{ '--share': String(cell / count) }}
                  >
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Mistakes({ found: { matrix, wrong } }: { readonly found: Examination }): JSX.Element {
  const count = matrix.reduce((sum, row, truth) => sum + row.reduce((a, b) => a + b, 0) - row[truth]!, 0);
  if (count === 0) return <p>No test image is taken for another class.</p>;
  return (
    <>
      <p>
        {count === 1 ? 'One mistake' : `${count} mistakes`}
        {count > wrong.length ? `; here are the ${wrong.length} that it is surest of` : ''}:
      </p>
      <ul class="mistakes">
        {wrong.map(({ truth, guess, probability, ...image }, index) => (
          <li key={index}>
            <img src={urlOf(image)} alt="" />
            <span>
              {truth}, taken for <strong>{guess}</strong> ({percent(probability, 0)})
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
