/** Asks the worker, once at a time: what changes while it works is asked afterwards, and only the latest of it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProbedBackend } from '../../engine/backends.js';
import { openEngine, type OpenEngine } from '../../engine/open_engine.js';
import { messageOf } from '../../shared/message_of.js';
import type { Answer, Question } from './question.js';

export interface Answers {
  /** The latest answer, whatever it answers. */
  readonly answer: Answer | undefined;
  /** Whether it answers the latest question. */
  readonly isCurrent: boolean;
  /** Why there is none. */
  readonly failure: string | undefined;
}

interface Given {
  readonly to: Question;
  readonly answer?: Answer;
  readonly failure?: string;
}

/** Opened at the first question, when the page has nothing else to do, and kept. */
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
    // The next question tries again.
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

/** The backends of the worker, once numbers are wanted: looking for them wakes the graphics card. */
export function useBackends(areWanted: boolean): readonly ProbedBackend[] {
  const [backends, setBackends] = useState<readonly ProbedBackend[]>([]);
  useEffect(() => {
    if (!areWanted) return;
    // An engine that does not open is told by the question.
    void open().then(
      async ({ engine }) => {
        setBackends(await engine.backends());
      },
      () => undefined,
    );
  }, [areWanted]);
  return backends;
}

/** @param question the same object as long as it is the same question */
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
