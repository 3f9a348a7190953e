/** Ways to fit an image to a size, in a file of their own so that the command line can list them without TensorFlow.js. */
export const FITS = ['crop', 'stretch', 'contain'] as const;

/**
 * Fit of an image of another aspect ratio: `'crop'` scales it to cover the input and keeps the middle, `'stretch'`
 * distorts it, `'contain'` scales it to fit inside and fills the rest with the background.
 *
 * @useDeclaredType
 */
export type Fit = (typeof FITS)[number];
