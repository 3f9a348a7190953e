/** Loads and saves Keras weights, in Node: `import { loadKerasWeights } from 'tfjs-convolutions/interop'`. */
import '../register.js';

export {
  loadKerasWeights,
  saveKerasWeights,
  type LoadedKerasWeights,
  type LoadKerasWeightsOptions,
} from './keras_weights.js';
export { KerasWeightsError, type KerasMismatch } from './match_weights.js';
export { MissingPackageError } from '../support/optional_package.js';
