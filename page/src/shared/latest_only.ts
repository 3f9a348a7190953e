/** Runs requests one at a time; of those that arrive meanwhile, only the latest is run next. */
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
