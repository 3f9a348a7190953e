/** Reasons for which a worker gives no answer, as far as the page itself finds them out. */
export const WORKER_FAULTS = {
  notLoaded: 'its script did not load',
  silent: 'its script did not answer',
  ended: 'the browser ended it, perhaps for lack of memory',
} as const;

export type WorkerFault = (typeof WORKER_FAULTS)[keyof typeof WORKER_FAULTS];
