/** Asks the worker one question at a time; of those that arrive meanwhile, only the latest is asked next. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ProbedBackend } from '../../engine/backends.js';
import { messageOf } from '../../shared/message_of.js';
import { within } from '../../shared/within.js';
import type { Answer, Network, Question } from './question.js';
import { currentSession, endSession } from './session.js';

export interface Answers {
  /** Latest answer, possibly to an earlier question. */
  readonly answer: Answer | undefined;
  /** True if it is the answer to the latest question. */
  readonly isCurrent: boolean;
  /** Reason why there is none. */
  readonly failure: string | undefined;
  /** True if the answer takes longer than anybody waits. */
  readonly isLate: boolean;
  /** Asks again, in a new worker. */
  readonly restart: () => void;
}

/** A question, once for each time that it is asked. */
interface Request {
  readonly question: Question;
  readonly attempt: number;
}

interface Given {
  readonly to: Request;
  readonly answer?: Answer;
  readonly failure?: string;
}

/** Milliseconds after which a wait is reported. */
const PATIENCE_MS = 20_000;

async function ask(request: Request): Promise<Given> {
  const session = currentSession();
  try {
    const { engine } = await Promise.race([session.opened, session.ended]);
    return { to: request, answer: await engine.answer(request.question) };
  } catch (error) {
    // Neither a crashed worker nor a lost graphics device comes back: the next question gets a new worker.
    endSession(session, new Error('the worker was closed'));
    return { to: request, failure: messageOf(error) };
  }
}

/**
 * Asks for the figures of one network.
 *
 * @throws Error if there are none, also after a time that nobody waits
 */
export async function askNetwork(network: Network): Promise<Answer> {
  const session = currentSession();
  try {
    const asked = ask({ question: { network, peer: null, run: null }, attempt: 0 });
    const { answer, failure } = await within(asked, PATIENCE_MS, 'there was no answer');
    if (answer === undefined) throw new Error(failure);
    return answer;
  } catch (error) {
    endSession(session, new Error('it did not answer'));
    throw error;
  }
}

export interface Backends {
  readonly list: readonly ProbedBackend[];
  /** Reason why they are not listed. */
  readonly failure?: string;
}

async function listBackends(): Promise<Backends> {
  const session = currentSession();
  try {
    const { engine } = await Promise.race([session.opened, session.ended]);
    return { list: await within(engine.backends(), PATIENCE_MS, 'the browser did not name its graphics devices') };
  } catch (error) {
    return { list: [], failure: messageOf(error) };
  }
}

/** Lists the backends of the worker when a person wants to choose one: detecting them activates the GPU. */
export function useBackends(areWanted: boolean): Backends {
  const [backends, setBackends] = useState<Backends>({ list: [] });
  useEffect(() => {
    if (areWanted) void listBackends().then(setBackends);
  }, [areWanted]);
  return backends;
}

/** @param question must be the same object for the same question */
export function useAnswers(question: Question): Answers {
  const [given, setGiven] = useState<Given>();
  const [attempt, setAttempt] = useState(0);
  const [isLate, setLate] = useState(false);
  const request = useMemo((): Request => ({ question, attempt }), [question, attempt]);
  const latest = useRef(request);
  const isAsking = useRef(false);
  const lastAnswer = useRef<Answer>(undefined);
  latest.current = request;
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
  }, [request]);
  const isWaiting = given?.to !== request;
  useEffect(() => {
    setLate(false);
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => {
      setLate(true);
    }, PATIENCE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [request, isWaiting]);
  const current = isWaiting ? undefined : given;
  return {
    answer: lastAnswer.current,
    isCurrent: current?.answer !== undefined,
    failure: current?.failure,
    isLate: isWaiting && isLate,
    restart: () => {
      endSession(currentSession(), new Error('it was started again'));
      setAttempt((before) => before + 1);
    },
  };
}
