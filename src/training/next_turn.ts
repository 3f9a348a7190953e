/** Yields to other tasks of the thread, such as a message to stop. */

/**
 * Resolves in a later task. The host's `nextFrame()` would not do, since it waits for the screen: in a hidden tab it would
 * wait until the tab is shown again, and in a worker it would allow at most sixty steps a second.
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
