/** Names of networks and backends, kept apart from their code so that help loads quickly. */

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

/** Name of a network that the command line can build. */
export type ModelName = (typeof MODEL_NAMES)[number];

/** Finds a network by name, which may also be written with underscores: `mobilenet_v2`, `mobilenet_v1_shallow`. */
export function findModelName(name: string): ModelName | undefined {
  return MODEL_NAMES.find((known) => known === name || withUnderscores(known) === name);
}

/** `mobileNetV3Large` → `mobilenet_v3_large`, `resNeXt50` → `resnext50`, `squeezeNet` → `squeezenet`. */
function withUnderscores(name: ModelName): string {
  return name.replace(/V(\d)/, '_v$1_').replace(/[-_]+/g, '_').replace(/_$/, '').toLowerCase();
}

/** Names of networks that segment. */
export const SEGMENTER_NAMES = ['mobileNetUNet', 'deepLabV3Plus'] as const;

/** Name of a network that the command line can build to segment. */
export type SegmenterName = (typeof SEGMENTER_NAMES)[number];

/** Tests for the name of a network that segments. */
export function isSegmenterName(name: string): name is SegmenterName {
  return SEGMENTER_NAMES.some((known) => known === name);
}

/** Task of a run. */
export const TASK_NAMES = ['classify', 'segment'] as const;

/** Name of a task on the command line. */
export type TaskName = (typeof TASK_NAMES)[number];

export const BACKEND_NAMES = ['wasm', 'cpu', 'tensorflow', 'webgpu'] as const;

/** Name of a backend on the command line. */
export type BackendName = (typeof BACKEND_NAMES)[number];
