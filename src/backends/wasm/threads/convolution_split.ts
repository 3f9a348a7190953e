/** Division of convolutions and pooling into parts of the batch, and the arguments of each part. */
import type { KernelExports } from '../exports.js';
import { GEOMETRY_BYTES, readGeometry, writeGeometry, type WasmGeometry } from '../geometry.js';
import { bandParts, imageParts, type Part } from './parts.js';
import { ranges, type Phase, type Split, type SplitContext } from './split.js';

/** Role of an argument, which determines its value in a part. */
export type Role =
  | 'geometry'
  /** An image, or its gradient. */
  | 'image'
  /** Values of output positions: channels, offsets, masks. */
  | 'outputs'
  | 'offsets'
  | 'masks'
  | 'scratch'
  /** The same for all parts. */
  | 'same';

/** Kernel to divide, and the cost of its work. */
export interface ConvolutionSplit {
  readonly kernel: keyof KernelExports;
  readonly roles: readonly Role[];
  /** Function that returns the size of the scratch memory. */
  readonly measure: 'convolutionScratch' | 'depthwiseScratch' | 'deformDepthwiseScratch' | 'poolScratch';
  /** Cost of one multiplication, relative to that in a matrix product. */
  readonly cost: number;
}

/** Divides a kernel whose parts have no output in common. */
export function independentSplit(
  options: ConvolutionSplit,
  partsOf: (g: WasmGeometry, count: number) => readonly Part[] | undefined,
): Split {
  return (context, values) => {
    const whole = readGeometry(context.memory, values[0]!);
    if (multiplications(whole) * options.cost < context.least) return undefined;
    const parts = partsOf(whole, context.count) ?? [];
    if (parts.length < 2) return undefined;
    return [parts.map((part) => [callOf(options, context, whole, part, values)])];
  };
}

/** Number of parts of a batch whose image gradients are added. */
const SUMMED_PARTS = 4;

/** Position of the gradient of the image among the arguments of the kernels that {@link sampledGradientSplit} divides. */
const DX = 6;

/** Granularity, in floats, in which threads add partial sums: a cache line. */
const RUN = 16;

/**
 * Divides the input gradient of a deformable convolution, whose samples may reach any pixel. If there are few images,
 * parts of an image have gradients of their own, which are added; their number does not depend on the threads, nor does
 * the order of the additions.
 */
export function sampledGradientSplit(options: ConvolutionSplit): Split {
  return (context, values) => {
    const { scratch, memory, count } = context;
    const whole = readGeometry(memory, values[0]!);
    if (multiplications(whole) * options.cost < context.least) return undefined;
    if (whole.batch >= SUMMED_PARTS) {
      const parts = imageParts(whole, Math.min(count, whole.batch))!;
      return parts.length < 2 ? undefined : [parts.map((part) => [callOf(options, context, whole, part, values)])];
    }
    const parts = bandParts(whole, SUMMED_PARTS);
    const floats = imageSize(whole);
    const additions: { readonly target: number; readonly other: number }[] = [];
    const tasks = parts.map((part) => {
      const call = callOf(options, context, whole, part, values);
      if (part.row === 0) return [call];
      const other = scratch(4 * floats);
      additions.push({ target: call.values[DX]!, other });
      return [{ ...call, values: call.values.map((value, index) => (index === DX ? other : value)) }];
    });
    return [tasks, addition(additions, floats, count)];
  };
}

/** Adds partial sums; each thread adds all of them for some of the values. */
function addition(
  additions: readonly { readonly target: number; readonly other: number }[],
  floats: number,
  count: number,
): Phase {
  return ranges(Math.ceil(floats / RUN), count).map(([from, to]) => {
    const [start, length] = [4 * RUN * from, Math.min(RUN * to, floats) - RUN * from];
    return additions.map(({ target, other }) => ({
      kernel: 'weightedSum',
      values: [target + start, other + start, target + start, length, 1, 1],
    }));
  });
}

/** Derives the call of a part from that of the whole. */
function callOf(
  { kernel, roles, measure }: ConvolutionSplit,
  { memory, exports, scratch }: SplitContext,
  g: WasmGeometry,
  part: Part,
  values: readonly number[],
) {
  const geometry = scratch(GEOMETRY_BYTES);
  writeGeometry(memory, geometry, part.geometry);
  const positions = 4 * (part.image * g.outHeight + part.row) * g.outWidth;
  const samples = g.offsetGroups * g.kernelHeight * g.kernelWidth;
  const addressOf = (role: Role, value: number): number => {
    switch (role) {
      case 'geometry':
        return geometry;
      case 'image':
        return value + 4 * (part.image * imageSize(g) + part.inRow * g.inWidth * g.inChannels);
      case 'outputs':
        return value + positions * g.outChannels;
      case 'offsets':
        return value + positions * 2 * samples;
      case 'masks':
        return value + positions * samples;
      case 'scratch':
        return scratch(exports[measure](geometry));
      case 'same':
        return value;
    }
  };
  // 0 means absent.
  return { kernel, values: values.map((value, index) => (value === 0 ? 0 : addressOf(roles[index]!, value))) };
}

/** Number of floats of one image. */
function imageSize({ inHeight, inWidth, inChannels }: WasmGeometry): number {
  return inHeight * inWidth * inChannels;
}

/** Number of multiplications of the convolution. */
export function multiplications(g: WasmGeometry): number {
  const filter = g.kernelHeight * g.kernelWidth * (g.inChannels / g.groups) * g.outChannels;
  return g.batch * g.outHeight * g.outWidth * filter;
}
