/** All models, one line each. */
export { mobileNetV1, type MobileNetV1Options } from './mobilenet_v1.js';
export { mobileNetV2, type MobileNetV2Options } from './mobilenet_v2.js';
export type { ClassifierOptions, DeformableOptions, WidthOptions } from './options.js';
