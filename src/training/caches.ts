/** Places for decoded images, in a file of their own so that the command line can list them without TensorFlow.js. */
export const CACHES = ['memory', 'disk', 'none'] as const;

/**
 * Place of decoded images: see `ImageSetOptions`.
 *
 * @useDeclaredType
 */
export type CacheName = (typeof CACHES)[number];
