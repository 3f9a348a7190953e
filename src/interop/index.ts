/** Keras models and weights, and ONNX files, in Node: `import { exportOnnx } from 'tfjs-convolutions/interop'`. */
import '../register.js';

export { loadKeras } from './load_keras.js';
export { saveKeras } from './save_keras.js';
export { KerasModelError, type KerasProblem } from './keras_model_error.js';
export {
  loadKerasWeights,
  saveKerasWeights,
  type LoadedKerasWeights,
  type LoadKerasWeightsOptions,
} from './keras_weights.js';
export { KerasWeightsError, type KerasMismatch } from './match_weights.js';
export { OnnxExportError, type UnexportedLayer } from './onnx/export_error.js';
export { exportOnnx, type ExportOnnxOptions, type OnnxPreprocessing } from './onnx/export_onnx.js';
export { saveOnnx, type SaveOnnxOptions } from './onnx/save_onnx.js';
export { MissingPackageError } from '../support/optional_package.js';
