/** Division of the input gradient of a deformable convolution, whose samples may reach any pixel. */
import type { KernelExports } from '../exports.js';
import { readGeometry } from '../geometry.js';
import { OPERANDS, type Operands } from '../operands.js';
import { readStruct } from '../struct.js';
import { callOf, imageSize, multiplications, operandsOf, type ConvolutionSplit } from './convolution_split.js';
import { bandParts, imageParts, type Part } from './parts.js';
import type { Task } from './pool.js';
import { ranges, type Phase, type Scratch, type Split, type SplitContext } from './split.js';

/** Kernel to divide; with `pack`, the filter is packed once for all parts. */
export interface SampledGradientSplit extends ConvolutionSplit {
  readonly pack?: {
    readonly kernel: keyof KernelExports;
    readonly measure: 'packedTransposeBytes';
    /** Function that returns the size of the scratch memory of a part, whose filter is packed. */
    readonly partScratch: 'convolutionTileScratch';
  };
}

/** Number of parts of a batch whose image gradients are added. */
const SUMMED_PARTS = 4;

/** Granularity, in floats, in which threads add partial sums: a cache line. */
const RUN = 16;

/** A sum of two gradients of the same image, which overwrites the first. */
interface Addition {
  readonly target: number;
  readonly other: number;
}

/**
 * Divides the call. If there are few images, parts of an image have gradients of their own, which are added; their number
 * does not depend on the threads, nor does the order of the additions. As many parts are computed at a time as there are
 * threads, so that one thread needs memory for a single one.
 */
export function sampledGradientSplit(options: SampledGradientSplit): Split {
  return (context, values) => {
    const { memory, count, exports, scratch } = context;
    const operands = readStruct(memory, OPERANDS, values[0]!);
    const whole = readGeometry(memory, operands.geometry);
    if (multiplications(whole) * options.cost < context.least) return undefined;
    if (whole.batch >= SUMMED_PARTS) {
      const parts = imageParts(whole, Math.min(count, whole.batch))!;
      if (parts.length < 2) return undefined;
      return [parts.map((part) => [callOf(options, context, operandsOf(options, context, whole, part, operands))])];
    }
    const packing = packingOf(options, context, operands);
    const { measure, packed } = packing ?? { measure: options.measure, packed: 0 };
    const floats = imageSize(whole);
    // Of each thread, for one part after the other; the first one has that of the whole call.
    const lanes = Array.from({ length: count }, (_, lane) => ({
      work: lane === 0 ? reused(scratch, operands.scratch, exports[measure](operands.geometry)) : reused(scratch),
      image: reused(scratch),
    }));
    const phases = wavesOf(bandParts(whole, SUMMED_PARTS), count).flatMap((wave) => {
      const additions: Addition[] = [];
      const tasks = wave.map((part, lane): Task => {
        const { work, image } = lanes[lane]!;
        const own = operandsOf({ ...options, measure }, context, whole, part, { ...operands, packed }, work);
        if (part.row === 0) return [callOf(options, context, own)];
        const other = image(4 * floats);
        additions.push({ target: own.dx, other });
        return [callOf(options, context, { ...own, dx: other })];
      });
      return additions.length === 0 ? [tasks] : [tasks, addition(additions, floats, count)];
    });
    return packing ? [packing.phase, ...phases] : phases;
  };
}

/** Packing of the filter for all parts; undefined if the kernel uses it as it is. */
function packingOf({ pack }: SampledGradientSplit, { exports }: SplitContext, { geometry, filter, scratch }: Operands) {
  if (pack === undefined || exports[pack.measure](geometry) === 0) return undefined;
  // Where the whole call would pack it: behind the rest of its scratch memory.
  const packed = scratch + exports[pack.partScratch](geometry);
  const phase: Phase = [[{ kernel: pack.kernel, values: [geometry, filter, packed] }]];
  return { phase, packed, measure: pack.partScratch };
}

/** Arranges parts in groups that are computed at the same time. */
function wavesOf(parts: readonly Part[], count: number): readonly (readonly Part[])[] {
  const waves = Math.ceil(parts.length / count);
  return Array.from({ length: waves }, (_, wave) => parts.slice(wave * count, (wave + 1) * count));
}

/** Allocates the same memory again and again, unless it is too small. */
function reused(scratch: Scratch, address = 0, size = 0): Scratch {
  return (bytes) => {
    if (bytes > size) [address, size] = [scratch(bytes), bytes];
    return address;
  };
}

/** Adds partial sums; each thread adds all of them for some of the values. */
function addition(additions: readonly Addition[], floats: number, count: number): Phase {
  return ranges(Math.ceil(floats / RUN), count).map(([from, to]) => {
    const [start, length] = [4 * RUN * from, Math.min(RUN * to, floats) - RUN * from];
    return additions.map(({ target, other }) => ({
      kernel: 'weightedSum',
      values: [target + start, other + start, target + start, length, 1, 1],
    }));
  });
}
