/** Kernels that are divided among threads, and the role of each argument, which determines its value in a part. */
import type { KernelExports } from '../exports.js';
import type { WasmGeometry } from '../geometry.js';

/** Role of an argument in a part. */
export type Role =
  | 'geometry'
  /** An input image. */
  | 'image'
  /** Values of output positions: channels, offsets, masks. */
  | 'outputs'
  | 'offsets'
  | 'masks'
  /** Sums over output positions for an input image: parts of one image are added. */
  | 'imageSums'
  /** Sums over output positions for the filter: all parts are added. */
  | 'filterSums'
  | 'scratch'
  /** The same for all parts. */
  | 'same';

/** Division of a kernel: the role of each of its arguments, and the memory and time that it takes. */
export interface Split {
  readonly roles: readonly Role[];
  /** Function that returns the size of the scratch memory. */
  readonly measure: 'convolutionScratch' | 'convolutionFilterScratch' | 'depthwiseScratch' | 'deformDepthwiseScratch';
  /** True if an image can be split into output rows. @default true */
  readonly rows?: boolean;
  /** Cost of one multiplication, relative to that in a matrix product. */
  readonly cost: number;
}

const FORWARD = ['geometry', 'image', 'offsets', 'masks', 'same', 'same', 'outputs', 'scratch'] as const;
const DATA = [
  ...['geometry', 'image', 'offsets', 'masks', 'same', 'outputs'],
  ...['imageSums', 'offsets', 'masks', 'scratch'],
] as const as readonly Role[];
const FILTER = ['geometry', 'image', 'offsets', 'masks', 'outputs', 'filterSums', 'scratch'] as const;

export const SPLITS: Readonly<Partial<Record<keyof KernelExports, Split>>> = {
  convolutionForward: { roles: FORWARD, measure: 'convolutionScratch', cost: 1 },
  convolutionBackwardData: { roles: DATA, measure: 'convolutionScratch', cost: 1 },
  convolutionBackwardFilter: { roles: FILTER, measure: 'convolutionFilterScratch', cost: 1 },
  deformDepthwiseForward: { roles: FORWARD, measure: 'deformDepthwiseScratch', cost: 8 },
  deformDepthwiseBackwardData: { roles: DATA, measure: 'deformDepthwiseScratch', cost: 16 },
  deformDepthwiseBackwardFilter: { roles: FILTER, measure: 'deformDepthwiseScratch', cost: 8 },
  depthwiseForward: {
    roles: ['geometry', 'image', 'same', 'same', 'outputs', 'scratch'],
    measure: 'depthwiseScratch',
    cost: 2,
  },
  depthwiseBackwardInput: {
    roles: ['geometry', 'outputs', 'same', 'imageSums', 'scratch'],
    measure: 'depthwiseScratch',
    rows: false,
    cost: 2,
  },
  depthwiseBackwardFilter: {
    roles: ['geometry', 'image', 'outputs', 'filterSums'],
    measure: 'depthwiseScratch',
    cost: 2,
  },
};

/** Number of multiplications of the convolution. */
export function multiplications(g: WasmGeometry): number {
  return g.batch * g.outHeight * g.outWidth * filterSize(g);
}

/** Number of elements of the filter. */
export function filterSize({ kernelHeight, kernelWidth, inChannels, outChannels, groups }: WasmGeometry): number {
  return kernelHeight * kernelWidth * (inChannels / groups) * outChannels;
}
