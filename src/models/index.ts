/** All models, one line each. */
export { convertToDeformable, type ConvertToDeformableOptions } from './convert_to_deformable.js';
export { deepLabV3Plus, type DeepLabV3PlusOptions } from './deeplab_v3_plus.js';
export { denoisingAutoencoder, type DenoisingAutoencoderOptions } from './denoising_autoencoder.js';
export { deformableRFCNHead, type DeformableRFCNHeadOptions } from './deformable_rfcn_head.js';
export { inceptionV3, type InceptionV3Options } from './inception_v3.js';
export { mobileNetUNet, type MobileNetUNetOptions } from './mobilenet_unet.js';
export { mobileNetV1, type MobileNetV1Options } from './mobilenet_v1.js';
export { mobileNetV2, type MobileNetV2Options } from './mobilenet_v2.js';
export { mobileNetV3Large, mobileNetV3Small, type MobileNetV3Options } from './mobilenet_v3.js';
export { resNeXt50, type ResNeXt50Options } from './resnext50.js';
export { rfbHead, type RfbHeadOptions } from './rfb_head.js';
export { shuffleNetV1, type ShuffleNetV1Options } from './shufflenet_v1.js';
export { shuffleNetV2, type ShuffleNetV2Options } from './shufflenet_v2.js';
export { squeezeNet, type SqueezeNetOptions } from './squeezenet.js';
export { superResolution, type SuperResolutionOptions } from './super_resolution.js';
export { xception, type XceptionOptions } from './xception.js';
export type { SegmentationOptions } from './segmentation.js';
export type { ClassifierOptions, DeformableOptions, WidthOptions } from './options.js';
