/** Supported backends, by the names that `tf.getBackend()` returns. That of tfjs-node is 'tensorflow'. */
export const BACKENDS = ['cpu', 'wasm', 'tensorflow', 'webgl', 'webgpu'] as const;

/** Name of a backend for which the package has kernels. */
export type BackendName = (typeof BACKENDS)[number];
