/**
 * What the shaders of a region operator are told, on the backends whose boxes stay on the device: nothing is planned there
 * (plan.ts), every bin is worked out where it is needed. The shaders themselves are in src/ops/roi/webgl_regions.ts and
 * src/ops/roi/webgpu_regions.ts.
 */
import type { RoiGeometry, SampledRoiGeometry } from './geometry.js';

/**
 * Ways to sample a bin, with the numbers that each takes:
 * - `aligned`: as roiAlign, the middles of equal parts of a bin, `samplingRatio` of them or one for each pixel or less. The
 *   box moves by −halfPixel, is at least `smallest` in size, and an offset of 1 moves a bin by gamma · its size.
 * - `parts`: as Deformable R-FCN, from the edge of a bin on; samples outside are left out of the mean.
 * - `pixels`: whole pixels. `inclusive` is 1 where the pixel at the end of a box belongs to it, and bins may reach the last
 *   one of the image.
 */
export const SAMPLINGS = {
  aligned: { integers: ['samplingRatio'], floats: ['spatialScale', 'halfPixel', 'smallest', 'gamma'] },
  parts: { integers: ['samplesPerPart'], floats: ['spatialScale', 'transStd'] },
  pixels: { integers: ['inclusive'], floats: ['spatialScale'] },
} as const;

export type SamplingName = keyof typeof SAMPLINGS;

/** Integers that every shader of a region operator takes. */
export const REGIONS = [
  'batch',
  'inHeight',
  'inWidth',
  'inChannels',
  'outHeight',
  'outWidth',
  'outChannels',
  'groupHeight',
  'groupWidth',
  'partHeight',
  'partWidth',
  'classes',
  'zero',
] as const;

/** How bins relate to channels and offsets; what is left out is 1. */
export interface BinGroups {
  /** Rows and columns of the groups that bins read their channels from. */
  readonly groups?: readonly [number, number];
  /** Rows and columns of the parts of a box that have offsets of their own. */
  readonly parts?: readonly [number, number];
  /** Parts of the output channels that have offsets of their own. */
  readonly classes?: number;
}

/** Numbers by name. */
export type Numbers = Readonly<Record<string, number>>;

/** A region operator: how it samples, with which numbers, and how its bins relate to channels and offsets. */
export interface RegionForm<G extends RoiGeometry> {
  readonly sampling: SamplingName;
  readonly numbers: (g: G) => Numbers;
  readonly groups: (g: G) => BinGroups;
}

/** All that the shaders of an operator take. `zero` is for what a compiler must not see through. */
export function regionNumbers<G extends RoiGeometry>(form: RegionForm<G>, g: G): Numbers {
  const { groups = [1, 1], parts = [1, 1], classes = 1 } = form.groups(g);
  return {
    batch: g.batch,
    inHeight: g.inHeight,
    inWidth: g.inWidth,
    inChannels: g.inChannels,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    outChannels: g.outChannels,
    spatialScale: g.spatialScale,
    groupHeight: groups[0],
    groupWidth: groups[1],
    partHeight: parts[0],
    partWidth: parts[1],
    classes,
    zero: 0,
    ...form.numbers(g),
  };
}

/** What `aligned` sampling takes. */
export function alignedNumbers(
  { samplingRatio }: SampledRoiGeometry,
  { aligned, gamma = 0 }: { readonly aligned: boolean; readonly gamma?: number },
): Numbers {
  // An aligned box may be of any size, also below 0.
  return { samplingRatio, gamma, halfPixel: aligned ? 0.5 : 0, smallest: aligned ? -3e38 : 1 };
}
