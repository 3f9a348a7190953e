/** What the worker can do, part by part. Each engine's script, and TensorFlow.js with it, loads when a part asks for it. */
export const ENGINES = {
  explore: async () => (await import('../explore/engine.js')).engine,
  see: async () => (await import('../see/engine.js')).engine,
  train: async () => (await import('../train/engine.js')).engine,
} as const;

export type EngineName = keyof typeof ENGINES;

/** The functions of one engine; they run in the worker. */
export type Engine<Name extends EngineName> = Awaited<ReturnType<(typeof ENGINES)[Name]>>;
