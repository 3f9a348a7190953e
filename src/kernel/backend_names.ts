/** Backends that the package knows, by the names that `tf.getBackend()` returns. tfjs-node's is 'tensorflow'. */
export const BACKENDS = ['cpu', 'wasm', 'tensorflow', 'webgl', 'webgpu'] as const;

export type BackendName = (typeof BACKENDS)[number];
