/** All layers, one line each: the class with its argument types. `registry.ts` derives the factories from this list. */
export * from './atrous_spatial_pyramid_pooling.js';
export * from './average_pooling2d.js';
export * from './batch_normalization.js';
export * from './center_crop.js';
export * from './channel_shuffle.js';
export * from './channel_slice.js';
export * from './circular_pad2d.js';
export * from './conv2d.js';
export * from './conv2d_transpose.js';
export * from './crop_like.js';
export * from './deformable_conv2d.js';
export * from './deformable_conv2d_v3.js';
export * from './deformable_conv2d_v4.js';
export * from './deformable_ps_roi_pool.js';
export * from './deformable_roi_pool.js';
export * from './depthwise_conv2d.js';
export * from './depthwise_separable_conv2d.js';
export * from './dilated_conv2d.js';
export * from './dropout.js';
export * from './grouped_conv2d.js';
export * from './hard_swish.js';
export * from './identity.js';
export * from './max_pooling2d.js';
export * from './normalization.js';
export * from './pointwise_conv2d.js';
export * from './ps_roi_align.js';
export * from './ps_roi_pool.js';
export * from './random_brightness.js';
export * from './random_contrast.js';
export * from './random_crop.js';
export * from './random_flip.js';
export * from './random_rotation.js';
export * from './random_translation.js';
export * from './random_zoom.js';
export * from './receptive_field_block.js';
export * from './reflect_pad2d.js';
export * from './replicate_pad2d.js';
export * from './resize_bilinear.js';
export * from './resizing.js';
export * from './roi_align.js';
export * from './roi_pool.js';
export * from './spatially_separable_conv2d.js';
export * from './squeeze_excite.js';
export * from './up_sampling2d.js';
export type {
  ConvolutionWork,
  DeformableLayer,
  DescribedLayer,
  LayerDescription,
  LayerWindow,
  OtherOps,
  TapLocations,
} from './description.js';
export type { AugmentationArgs, Factor } from './augmentation_layer.js';
export type { RecolorArgs } from './recolor_layer.js';
export type { AxisReads } from './axis_reads.js';
export type { BaseConvArgs, PaddingModeArgs, WindowArgs } from './base_conv.js';
export type {
  ActivationIdentifier,
  Constraint,
  ConstraintIdentifier,
  DataFormat,
  HostActivationIdentifier,
  Initializer,
  InitializerIdentifier,
  LayerArgs,
  Regularizer,
  RegularizerIdentifier,
} from './config.js';
export type { DeformableBlockArgs } from './deformable_block.js';
export type { DeformableRoILayerArgs } from './deformable_roi_layer.js';
export type { FilterConvArgs, KernelArgs } from './filter_conv.js';
export type { GeometricArgs } from './geometric_layer.js';
export type { HalfImageArgs, PackedImages, PrecisionArgs } from './half_storage.js';
export type { CallArgs, ImageLayerArgs } from './image_layer.js';
export type { OffsetBranchArgs } from './offset_branch.js';
export type { PadArgs } from './pad_layer.js';
export type { PoolArgs } from './pool_layer.js';
export type { Interpolation, ResizeLayerArgs } from './resize_layer.js';
export type { RoILayerArgs } from './roi_layer.js';
export type { FillMode } from './warp.js';
