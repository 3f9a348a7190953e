/** Division of convolutions and pooling into parts of the batch, and the operands of each part. */
import type { KernelExports } from '../exports.js';
import { GEOMETRY_BYTES, readGeometry, writeGeometry, type WasmGeometry } from '../geometry.js';
import { OPERANDS, type Operands } from '../operands.js';
import { readStruct, writeStruct } from '../struct.js';
import { bandParts, imageParts, type Part } from './parts.js';
import type { Call } from './pool.js';
import { ranges, type Phase, type Split, type SplitContext } from './split.js';

type Name = (typeof OPERANDS)[number];

/** Kind of an operand, which determines its address in a part. */
type Kind =
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

const KINDS: Readonly<Record<Name, Kind>> = {
  geometry: 'geometry',
  x: 'image',
  offset: 'offsets',
  mask: 'masks',
  filter: 'same',
  packed: 'same',
  bias: 'same',
  y: 'outputs',
  dy: 'outputs',
  dx: 'image',
  doffset: 'offsets',
  dmask: 'masks',
  dfilter: 'same',
  scratch: 'scratch',
};

/** Kernel to divide, and the cost of its work. Its argument is the address of its operands. */
export interface ConvolutionSplit {
  readonly kernel: keyof KernelExports;
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
    const operands = readStruct(context.memory, OPERANDS, values[0]!);
    const whole = readGeometry(context.memory, operands.geometry);
    if (multiplications(whole) * options.cost < context.least) return undefined;
    const parts = partsOf(whole, context.count) ?? [];
    if (parts.length < 2) return undefined;
    return [parts.map((part) => [callOf(options, context, operandsOf(options, context, whole, part, operands))])];
  };
}

/** Number of parts of a batch whose image gradients are added. */
const SUMMED_PARTS = 4;

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
    const operands = readStruct(memory, OPERANDS, values[0]!);
    const whole = readGeometry(memory, operands.geometry);
    if (multiplications(whole) * options.cost < context.least) return undefined;
    const ownOf = (part: Part): Operands => operandsOf(options, context, whole, part, operands);
    if (whole.batch >= SUMMED_PARTS) {
      const parts = imageParts(whole, Math.min(count, whole.batch))!;
      return parts.length < 2 ? undefined : [parts.map((part) => [callOf(options, context, ownOf(part))])];
    }
    const parts = bandParts(whole, SUMMED_PARTS);
    const floats = imageSize(whole);
    const additions: { readonly target: number; readonly other: number }[] = [];
    const tasks = parts.map((part) => {
      const own = ownOf(part);
      if (part.row === 0) return [callOf(options, context, own)];
      const other = scratch(4 * floats);
      additions.push({ target: own.dx, other });
      return [callOf(options, context, { ...own, dx: other })];
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

/** Returns the call with these operands. */
export function callOf(
  { kernel }: Pick<ConvolutionSplit, 'kernel'>,
  { memory, scratch }: SplitContext,
  operands: Operands,
  ...others: readonly number[]
): Call {
  const address = scratch(4 * OPERANDS.length);
  writeStruct(memory, OPERANDS, address, operands);
  return { kernel, values: [address, ...others] };
}

/** Derives the operands of a part from those of the whole. */
function operandsOf(
  { measure }: ConvolutionSplit,
  { memory, exports, scratch }: SplitContext,
  g: WasmGeometry,
  part: Part,
  operands: Operands,
): Operands {
  const geometry = scratch(GEOMETRY_BYTES);
  writeGeometry(memory, geometry, part.geometry);
  const positions = 4 * (part.image * g.outHeight + part.row) * g.outWidth;
  const samples = g.offsetGroups * g.kernelHeight * g.kernelWidth;
  const addressOf = (kind: Kind, value: number): number => {
    switch (kind) {
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
  const own = OPERANDS.map(
    (name) => [name, operands[name] === 0 ? 0 : addressOf(KINDS[name], operands[name])] as const,
  );
  return Object.fromEntries(own) as Operands;
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
