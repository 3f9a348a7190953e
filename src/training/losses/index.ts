/** Losses for `Trainer` and `model.compile`. */
export { binaryCrossentropy, type BinaryCrossentropyOptions } from './binary_crossentropy.js';
export { categoricalCrossentropy, type CategoricalCrossentropyOptions } from './categorical_crossentropy.js';
export {
  categoricalFocalCrossentropy,
  type CategoricalFocalCrossentropyOptions,
} from './categorical_focal_crossentropy.js';
export { classWeights } from './class_weights.js';
export { dice } from './dice.js';
export type { Loss } from './loss.js';
