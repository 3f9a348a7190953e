/** Asks the worker one question at a time; of those that arrive meanwhile, only the latest is asked next. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProbedBackend } from '../../engine/backends.js';
import { openEngine, type OpenEngine } from '../../engine/open_engine.js';
import { messageOf } from '../../shared/message_of.js';
import type { Answer, Question } from './question.js';

export interface Answers {
  /** Latest answer, possibly to an earlier question. */
  readonly answer: Answer | undefined;
  /** True if it is the answer to the latest question. */
  readonly isCurrent: boolean;
  /** Reason why there is none. */
  readonly failure: string | undefined;
}

interface Given {
  readonly to: Question;
  readonly answer?: Answer;
  readonly failure?: string;
}

/** The engine, opened at the first question when the page is idle, and then kept open. */
let opened: Promise<OpenEngine<'explore'>> | undefined;

async function openWhenIdle(): Promise<OpenEngine<'explore'>> {
  // Safari has no idle callback.
  await new Promise((resolve) =>
    'requestIdleCallback' in window ? requestIdleCallback(resolve) : setTimeout(resolve, 200),
  );
  return openEngine('explore');
}

function open(): Promise<OpenEngine<'explore'>> {
  opened ??= openWhenIdle();
  return opened.catch((error: unknown) => {
    // The next question retries.
    opened = undefined;
    throw error;
  });
}

async function ask(question: Question): Promise<Given> {
  try {
    const { engine } = await open();
    return { to: question, answer: await engine.answer(question) };
  } catch (error) {
    return { to: question, failure: messageOf(error) };
  }
}

/** Lists the backends of the worker once numbers are shown: detecting them activates the GPU. */
export function useBackends(areWanted: boolean): readonly ProbedBackend[] {
  const [backends, setBackends] = useState<readonly ProbedBackend[]>([]);
  useEffect(() => {
    if (!areWanted) return;
    // An engine that fails to open is reported by the question.
    void open().then(
      async ({ engine }) => {
        setBackends(await engine.backends());
      },
      () => undefined,
    );
  }, [areWanted]);
  return backends;
}

/** @param question must be the same object for the same question */
export function useAnswers(question: Question): Answers {
  const [given, setGiven] = useState<Given>();
  const latest = useRef(question);
  const isAsking = useRef(false);
  const lastAnswer = useRef<Answer>(undefined);
  latest.current = question;
  useEffect(() => {
    if (isAsking.current) return;
    isAsking.current = true;
    void (async () => {
      let result: Given;
      do {
        result = await ask(latest.current);
        if (result.answer !== undefined) lastAnswer.current = result.answer;
      } while (result.to !== latest.current);
      isAsking.current = false;
      setGiven(result);
    })();
  }, [question]);
  const current = given?.to === question ? given : undefined;
  return { answer: lastAnswer.current, isCurrent: current?.answer !== undefined, failure: current?.failure };
}
