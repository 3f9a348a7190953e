/** Script of every worker: opens the engine that the page names. There is only one, so that TensorFlow.js is bundled once. */
import { expose, proxy } from 'comlink';
import { takeLock } from '../shared/locks.js';
import { ENGINES, type EngineName } from './engines.js';

const doors = {
  /** @param life name of a lock that this worker holds for as long as it lives */
  open: async (name: EngineName, life: string) => {
    await takeLock(life);
    return proxy(await ENGINES[name]());
  },
};

export type Doors = typeof doors;

expose(doors);
