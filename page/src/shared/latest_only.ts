/** Requests that come faster than they are answered: one at a time, and of those that wait only the last. */
export function latestOnly<Request>(answer: (request: Request) => Promise<void>): (request: Request) => void {
  let isBusy = false;
  let waiting: readonly [Request] | undefined;
  const serve = async (request: Request): Promise<void> => {
    isBusy = true;
    await answer(request);
    isBusy = false;
    if (waiting === undefined) return;
    const [next] = waiting;
    waiting = undefined;
    void serve(next);
  };
  return (request) => {
    if (isBusy) waiting = [request];
    else void serve(request);
  };
}
