/** Engines of the worker, one per part. The script of an engine, and TensorFlow.js with it, loads when it is first needed. */
export const ENGINES = {
  explore: async () => (await import('../explore/engine.js')).engine,
  see: async () => (await import('../see/engine.js')).engine,
  train: async () => (await import('../train/engine.js')).engine,
} as const;

export type EngineName = keyof typeof ENGINES;

/** Functions of one engine, which run in the worker. */
export type Engine<Name extends EngineName> = Awaited<ReturnType<(typeof ENGINES)[Name]>>;
