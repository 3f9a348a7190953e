/** tfjs-convolutions: convolution layers for TensorFlow.js in the style of Keras, trainable on every backend. */
import './register.js';

export { accelerateStockLayers } from './accelerate_stock_layers.js';
export * from './analysis/index.js';
export * from './capture/index.js';
export { CorruptFileError, UnsupportedBackendError } from './errors.js';
export * from './layers/index.js';
export { layers } from './layers/registry.js';
export * from './models/index.js';
export * from './ops/index.js';
export * from './recompute/index.js';
export { useThreads } from './use_threads.js';
