/**
 * The part of interop that needs no file system: `import { exportOnnx } from 'tfjs-convolutions/interop'` in a browser, where
 * bundlers use this module instead of the one for Node.
 */
import '../register.js';

export { OnnxExportError, type UnexportedLayer } from './onnx/export_error.js';
export { exportOnnx, type ExportOnnxOptions, type OnnxPreprocessing } from './onnx/export_onnx.js';
export { MissingPackageError } from '../support/optional_package.js';
