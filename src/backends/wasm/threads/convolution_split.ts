/** Division of convolutions and pooling into parts of the batch, and the operands of each part. */
import type { KernelExports } from '../exports.js';
import { GEOMETRY_BYTES, readGeometry, writeGeometry, type WasmGeometry } from '../geometry.js';
import { OPERANDS, type Operands } from '../operands.js';
import { readStruct, writeStruct } from '../struct.js';
import type { Part } from './parts.js';
import type { Call } from './pool.js';
import type { Scratch, Split, SplitContext } from './split.js';

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
  readonly measure:
    'convolutionScratch' | 'convolutionTileScratch' | 'depthwiseScratch' | 'deformDepthwiseScratch' | 'poolScratch';
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

/** Derives the operands of a part from those of the whole; `workspace` allocates the scratch memory of its kernel. */
export function operandsOf(
  { measure }: ConvolutionSplit,
  { memory, exports, scratch }: SplitContext,
  g: WasmGeometry,
  part: Part,
  operands: Operands,
  workspace: Scratch = scratch,
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
        return workspace(exports[measure](geometry));
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
export function imageSize({ inHeight, inWidth, inChannels }: WasmGeometry): number {
  return inHeight * inWidth * inChannels;
}

/** Number of multiplications of the convolution. */
export function multiplications(g: WasmGeometry): number {
  const filter = g.kernelHeight * g.kernelWidth * (g.inChannels / g.groups) * g.outChannels;
  return g.batch * g.outHeight * g.outWidth * filter;
}
