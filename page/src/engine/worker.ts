/** Script of every worker: opens the engine that the page names. There is only one, so that TensorFlow.js is bundled once. */
import { expose, proxy } from 'comlink';
import { ENGINES, type EngineName } from './engines.js';

const doors = {
  open: async (name: EngineName) => proxy(await ENGINES[name]()),
};

export type Doors = typeof doors;

expose(doors);
