/** Gives way to other tasks of the thread, such as a message that says to stop. */

/**
 * Resolves in a later task. Not by the host's `nextFrame()`, which waits for the screen: in a page that is out of sight it
 * would wait until somebody looks again, and in a worker at most sixty steps a second would fit.
 */
export function nextTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
