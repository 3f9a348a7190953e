/** Keras models and weights, ONNX and safetensors files, in Node: `import { exportOnnx } from 'tfjs-convolutions/interop'`. */
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
export { KerasWeightsError } from './match_weights.js';
export { importOnnx, type ImportOnnxOptions } from './onnx/import/import_onnx.js';
export { OnnxImportError, type UnimportedNode } from './onnx/import/import_error.js';
export { loadOnnx } from './onnx/import/load_onnx.js';
export { OnnxExportError, type UnexportedLayer } from './onnx/export_error.js';
export { exportOnnx, type ExportOnnxOptions, type OnnxPreprocessing } from './onnx/export_onnx.js';
export { saveOnnx, type SaveOnnxOptions } from './onnx/save_onnx.js';
export { exportSafetensors, type SaveSafetensorsOptions } from './safetensors/export_safetensors.js';
export { loadSafetensors } from './safetensors/load_safetensors.js';
export type { LoadedSafetensors, LoadSafetensorsOptions } from './safetensors/load_tensors.js';
export { SafetensorsError } from './safetensors/safetensors_error.js';
export { saveSafetensors } from './safetensors/save_safetensors.js';
export type { KernelLayout, TensorNames, TensorNaming } from './safetensors/tensor_names.js';
export type { TorchLibrary } from './safetensors/torch_networks.js';
export type { WeightMismatch } from './weight_mismatch.js';
export { MissingPackageError } from '../support/optional_package.js';
