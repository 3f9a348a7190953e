/**
 * The part of interop that needs no file system: `import { exportOnnx } from 'tfjs-convolutions/interop'` in a browser, where
 * bundlers use this module instead of the one for Node.
 */
import '../register.js';

export { importOnnx, type ImportOnnxOptions } from './onnx/import/import_onnx.js';
export { OnnxImportError, type UnimportedNode } from './onnx/import/import_error.js';
export { OnnxExportError, type UnexportedLayer } from './onnx/export_error.js';
export { exportOnnx, type ExportOnnxOptions, type OnnxPreprocessing } from './onnx/export_onnx.js';
export { exportSafetensors, type SaveSafetensorsOptions } from './safetensors/export_safetensors.js';
export { loadSafetensors } from './safetensors/load_safetensors_bytes.js';
export type { LoadedSafetensors, LoadSafetensorsOptions } from './safetensors/load_tensors.js';
export { SafetensorsError } from './safetensors/safetensors_error.js';
export type { KernelLayout, TensorNames, TensorNaming } from './safetensors/tensor_names.js';
export type { TorchLibrary } from './safetensors/torch_networks.js';
export type { WeightMismatch } from './weight_mismatch.js';
export { MissingPackageError } from '../support/optional_package.js';
