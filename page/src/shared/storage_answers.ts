/** Waits for the browser's storage, which may never answer. */
import { within } from './within.js';

/** Longest wait after one in vain, in milliseconds: a run that saves after every epoch is not held up again and again. */
const SHORT = 300;

/**
 * Makes a function that waits for answers of the storage.
 *
 * @param longest longest wait in milliseconds; after a wait in vain 300 at most, until there is an answer
 * @returns function that throws an Error if the storage does not answer
 */
export function storageAnswers(longest: number): <T>(work: Promise<T>) => Promise<T> {
  let patience = longest;
  return async (work) => {
    let hasAnswered = false as boolean;
    const answer = work.finally(() => {
      hasAnswered = true;
      patience = longest;
    });
    try {
      return await within(answer, patience, 'the storage of the browser does not answer');
    } catch (error) {
      if (!hasAnswered) patience = Math.min(longest, SHORT);
      throw error;
    }
  };
}
