/** Names of networks and backends, apart from their code, which help does not need. */

export const MODEL_NAMES = [
  'mobileNetV1-shallow',
  'mobileNetV1',
  'mobileNetV1-full',
  'mobileNetV2',
  'mobileNetV3Small',
  'mobileNetV3Large',
  'squeezeNet',
  'shuffleNetV1',
  'shuffleNetV2',
  'xception',
  'resNeXt50',
  'inceptionV3',
] as const;

export type ModelName = (typeof MODEL_NAMES)[number];

export const BACKEND_NAMES = ['wasm', 'cpu'] as const;

export type BackendName = (typeof BACKEND_NAMES)[number];
