/** Which kernels threads share, and what each of their arguments is, as far as a part needs another value for it. */
import type { KernelExports } from '../exports.js';
import type { WasmGeometry } from '../geometry.js';

/** What a part does with an argument. */
export type Role =
  | 'geometry'
  /** An input image. */
  | 'image'
  /** Values of output positions: channels, offsets, masks. */
  | 'outputs'
  | 'offsets'
  | 'masks'
  /** Sums over output positions for an input image: parts of one image add up. */
  | 'imageSums'
  /** Sums over output positions for the filter: all parts add up. */
  | 'filterSums'
  | 'scratch'
  /** The same for all parts. */
  | 'same';

export interface Split {
  readonly roles: readonly Role[];
  /** Bytes of scratch memory. */
  readonly measure: 'convolutionScratch' | 'convolutionFilterScratch' | 'depthwiseScratch' | 'deformDepthwiseScratch';
  /** Whether an image can be cut into rows of output. @default true */
  readonly rows?: boolean;
  /** Time of one multiplication, in those of a matrix product. */
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

/** Multiplications of the convolution. */
export function multiplications(g: WasmGeometry): number {
  return g.batch * g.outHeight * g.outWidth * filterSize(g);
}

/** Values of the filter. */
export function filterSize({ kernelHeight, kernelWidth, inChannels, outChannels, groups }: WasmGeometry): number {
  return kernelHeight * kernelWidth * (inChannels / groups) * outChannels;
}
