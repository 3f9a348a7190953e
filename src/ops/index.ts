/** The operators: pure functions of tensors, differentiable on every backend. */
export { batchNorm, batchNormInference, type BatchNormOptions, type BatchNormResult } from './batch_norm/op.js';
export { conv2d, type Conv2DOptions } from './conv2d/op.js';
export { deformConv2d, type DeformConv2DOptions } from './deform_conv2d/op.js';
export { depthwiseConv2d, type DepthwiseConv2DOptions } from './depthwise_conv2d/op.js';
export type { Padding, PaddingMode, Pair } from './geometry.js';
