/** All models, one line each. */
export { mobileNetV1, type MobileNetV1Options } from './mobilenet_v1.js';
export type { DeformableOptions } from './options.js';
