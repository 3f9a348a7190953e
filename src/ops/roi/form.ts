/**
 * Parameters of the shaders of a region operator, on the backends whose boxes stay on the device: there is no plan
 * there (plan.ts), each bin is computed where it is needed. The shaders themselves are in src/ops/roi/webgl_regions.ts
 * and src/ops/roi/webgpu_regions.ts.
 */
import type { RoiGeometry, SampledRoiGeometry } from './geometry.js';

/**
 * Ways to sample a bin, with the parameters of each:
 * - `aligned`: as in roiAlign, at the centres of equal parts of a bin, `samplingRatio` of them or at most one pixel
 *   each. The box is shifted by −halfPixel and has at least the size `smallest`; an offset of 1 moves a bin by gamma ·
 *   box size.
 * - `parts`: as in Deformable R-FCN, starting at the edge of a bin; samples outside are excluded from the mean.
 * - `pixels`: whole pixels. `inclusive` is 1 if a box includes its end pixel and bins may reach the last pixel of the
 *   image.
 */
export const SAMPLINGS = {
  aligned: { integers: ['samplingRatio'], floats: ['spatialScale', 'halfPixel', 'smallest', 'gamma'] },
  parts: { integers: ['samplesPerPart'], floats: ['spatialScale', 'transStd'] },
  pixels: { integers: ['inclusive'], floats: ['spatialScale'] },
} as const;

/** Name of the sampling of a region operator in its shaders. */
export type SamplingName = keyof typeof SAMPLINGS;

/** Integer uniforms of every region shader. */
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

/** Mapping of bins to channels and offsets; every omitted field is 1. */
export interface BinGroups {
  /** Rows and columns of channel groups, from which the bins read. */
  readonly groups?: readonly [number, number];
  /** Rows and columns of the parts of a box, each with its own offset. */
  readonly parts?: readonly [number, number];
  /** Number of classes: output channels in one class share their offsets. */
  readonly classes?: number;
}

/** Numbers by name. */
export type Numbers = Readonly<Record<string, number>>;

/** A region operator: sampling, its parameters, and the mapping of bins to channels and offsets. */
export interface RegionForm<G extends RoiGeometry> {
  readonly sampling: SamplingName;
  readonly numbers: (g: G) => Numbers;
  readonly groups: (g: G) => BinGroups;
}

/** All uniforms of an operator's shaders. `zero` hides constants from the compiler's optimiser. */
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

/** Parameters of `aligned` sampling. */
export function alignedNumbers(
  { samplingRatio }: SampledRoiGeometry,
  { aligned, gamma = 0 }: { readonly aligned: boolean; readonly gamma?: number },
): Numbers {
  // An aligned box may have any size, even a negative one.
  return { samplingRatio, gamma, halfPixel: aligned ? 0.5 : 0, smallest: aligned ? -3e38 : 1 };
}
