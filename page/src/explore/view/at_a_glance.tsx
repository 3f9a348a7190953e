/** All convolutions with the same input and output, and what each costs and sees, on one screen that can be printed. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Notice } from '../../shared/notice.js';
import { messageOf } from '../../shared/message_of.js';
import { formatCount } from '../convolutions/common.js';
import { CONVOLUTIONS } from '../convolutions/index.js';
import { writeState } from '../model/address.js';
import type { Convolution } from '../model/convolution.js';
import { pictureOf } from '../model/maps.js';
import type { Settings } from '../model/settings.js';
import { fieldOf, fieldText, workOf } from '../model/measures.js';
import type { Answer } from '../model/question.js';
import { askNetwork } from '../model/use_answers.js';
import { COMMON, ownSettingsOf } from '../model/common_settings.js';
import { Bar } from './bar.js';

const settingsOf = (convolution: Convolution): Settings => ({ ...COMMON, ...ownSettingsOf(convolution) });

type Answers = Readonly<Record<string, Answer>>;

export function AtAGlance(): JSX.Element {
  const [answers, setAnswers] = useState<Answers>({});
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isOpen = true;
    setFailure(undefined);
    const load = async (): Promise<void> => {
      try {
        for (const convolution of CONVOLUTIONS) {
          const answer = await askNetwork(convolution.network(settingsOf(convolution)));
          if (isOpen) setAnswers((before) => ({ ...before, [convolution.name]: answer }));
        }
      } catch (error) {
        if (isOpen) setFailure(messageOf(error));
      }
    };
    void load();
    return () => {
      isOpen = false;
    };
  }, [attempt]);
  const all = Object.values(answers);
  const most = {
    params: Math.max(...all.map(({ params }) => params)),
    macs: Math.max(...all.map(workOf)),
    field: Math.max(...all.map(fieldOf)),
  };
  return (
    <article class="explorer glance">
      <header class="explorer-head">
        <h2>All at a glance</h2>
        <p class="quiet">
          Each convolution on an input of 15 × 15 cells and 8 channels, with 8 output channels and, unless its nature is
          another, a 3×3 kernel.
        </p>
      </header>
      {failure === undefined ? null : (
        <div class="trouble">
          <Notice kind="error">The figures could not be computed: {failure}</Notice>
          <div class="toolbar">
            <button
              type="button"
              onClick={() => {
                setAttempt(attempt + 1);
              }}
            >
              Try again
            </button>
          </div>
        </div>
      )}
      <div class="glance-table">
        <table aria-busy={all.length < CONVOLUTIONS.length && failure === undefined}>
          <thead>
            <tr>
              {['Convolution', 'Output', 'Parameters', 'Multiply-adds', 'Receptive field'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {CONVOLUTIONS.map((convolution) => (
              <Row key={convolution.name} {...{ convolution, most }} answer={answers[convolution.name]} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="toolbar no-print">
        <button
          type="button"
          onClick={() => {
            print();
          }}
        >
          Print
        </button>
      </div>
    </article>
  );
}

interface RowProps {
  readonly convolution: Convolution;
  readonly answer: Answer | undefined;
  readonly most: Readonly<Record<'params' | 'macs' | 'field', number>>;
}

function Row({ convolution, answer, most }: RowProps): JSX.Element {
  const settings = settingsOf(convolution);
  const { size, channels } = pictureOf(convolution, settings).maps.at(-1)!;
  const address = writeState(convolution, { settings, cell: [0, 0], channel: 0, act: null, seed: 1 });
  return (
    <tr>
      <th scope="row">
        <a href={address}>{convolution.title}</a>
      </th>
      <td>{[...size, channels].join(' × ')}</td>
      {answer === undefined ? (
        <td colSpan={3}>…</td>
      ) : (
        <>
          <Bar value={answer.params} most={most.params} text={formatCount(answer.params)} />
          <Bar value={workOf(answer)} most={most.macs} text={formatCount(workOf(answer))} />
          <Bar value={fieldOf(answer)} most={most.field} text={fieldText(answer)} />
        </>
      )}
    </tr>
  );
}
