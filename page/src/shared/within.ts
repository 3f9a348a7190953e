/** Ends a wait that may never end. */

/**
 * @param work result to wait for
 * @param milliseconds longest wait
 * @param message reason in the error after that
 * @throws Error with the message if the result takes longer
 */
export async function within<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
