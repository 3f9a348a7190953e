/** The operators: pure functions of tensors, differentiable on every backend. */
export { batchNorm, batchNormInference, type BatchNormOptions, type BatchNormResult } from './batch_norm/op.js';
export { channelShuffle } from './channel_shuffle/op.js';
export { conv2d, type Conv2DOptions } from './conv2d/op.js';
export { conv2dTranspose, type Conv2DTransposeOptions } from './conv2d_transpose/op.js';
export { deformConv2d, type DeformConv2DOptions } from './deform_conv2d/op.js';
export { deformConv2dV3, type DeformConv2DV3Options } from './deform_conv2d_v3/op.js';
export { deformPsRoiPool, type DeformPsRoiPoolOptions } from './deform_ps_roi_pool/op.js';
export { deformRoiPool, type DeformRoiPoolOptions } from './deform_roi_pool/op.js';
export { depthwiseConv2d, type DepthwiseConv2DOptions } from './depthwise_conv2d/op.js';
export type { Padding, PaddingMode, Pair } from './geometry.js';
export { psRoiAlign } from './ps_roi_align/op.js';
export { psRoiPool } from './ps_roi_pool/op.js';
export type { RoiOptions, SampledRoiOptions } from './roi/op.js';
export { resizeBilinear } from './resize_bilinear/op.js';
export { roiAlign, type RoiAlignOptions } from './roi_align/op.js';
export { roiPool } from './roi_pool/op.js';
