/** One kernel call in parts: the arguments of each part, and the reduction of the parts' partial sums. */
import type { KernelExports } from '../exports.js';
import { GEOMETRY_BYTES, writeGeometry, type WasmGeometry } from '../geometry.js';
import { isCutCleanly, partsOf, ranges, type Part } from './parts.js';
import type { Task } from './pool.js';
import { filterSize, type Split } from './splits.js';

/** Allocates uninitialised, aligned memory and returns its address. */
export type Scratch = (bytes: number) => number;

/** One kernel call to divide: its arguments, and the split of its kernel. */
export interface SharedCall {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly scratch: Scratch;
  readonly split: Split;
  /** Geometry of the whole call. */
  readonly whole: WasmGeometry;
  /** Number of threads. */
  readonly count: number;
}

/**
 * Partial sums of one result: those of the first part are stored in the result, those of the others in scratch memory.
 */
interface Sums {
  readonly floats: number;
  readonly others: number[];
}

/** Granularity, in floats, in which threads add partial sums: a cache line. */
const RUN = 16;

/** Division of one kernel call into parts, and the addition of the sums that parts compute separately. */
export class Sharing {
  readonly parts: readonly Part[];
  /** True if parts of one image read some rows in common. */
  private readonly overlapping: boolean;
  /** Partial sums, by address of the result. */
  private readonly sums = new Map<number, Sums>();

  constructor(private readonly call: SharedCall) {
    const { split, whole, count } = call;
    const clean = isCutCleanly(whole);
    this.overlapping = split.roles.includes('imageSums') && !clean;
    // The input rows that a deformable convolution reads depend on its offsets.
    const crop = whole.offsetGroups === 0 && !this.overlapping;
    this.parts = partsOf(whole, count, { rows: split.rows ?? true, crop });
  }

  /** Derives the arguments of a part from those of the whole call. */
  valuesOf(part: Part, values: readonly number[]): readonly number[] {
    const { memory, exports, scratch, split, whole: g } = this.call;
    const geometry = scratch(GEOMETRY_BYTES);
    writeGeometry(memory, geometry, part.geometry);
    const line = part.image * g.outHeight + part.row;
    const taps = g.kernelHeight * g.kernelWidth;
    const outputs = (floats: number): number => 4 * line * g.outWidth * floats;
    const imageFloats = g.inHeight * g.inWidth * g.inChannels;
    const image = 4 * (part.image * imageFloats + part.inRow * g.inWidth * g.inChannels);
    return values.map((value, index) => {
      // 0 means absent.
      if (value === 0) return 0;
      switch (split.roles[index] ?? 'same') {
        case 'geometry':
          return geometry;
        case 'image':
          return value + image;
        case 'outputs':
          return value + outputs(g.outChannels);
        case 'offsets':
          return value + outputs(2 * g.offsetGroups * taps);
        case 'masks':
          return value + outputs(g.offsetGroups * taps);
        case 'imageSums':
          return this.overlapping ? this.place(value + image, imageFloats) : value + image;
        case 'filterSums':
          return this.place(value, filterSize(g));
        case 'scratch':
          return scratch(exports[split.measure](geometry));
        case 'same':
          return value;
      }
    });
  }

  /** Tasks that add the partial sums once all parts have finished. */
  additions(): readonly Task[] {
    return [...this.sums].flatMap(([target, { floats, others }]) =>
      others.length === 0
        ? []
        : ranges(Math.ceil(floats / RUN), this.call.count).map(([from, to]) =>
            others.map((other) => {
              const [start, count] = [4 * RUN * from, Math.min(RUN * to, floats) - RUN * from];
              const values = [target + start, other + start, target + start, count, 1, 1];
              return { kernel: 'weightedSum', values } as const;
            }),
          ),
    );
  }

  /** Returns the address at which a part stores its sums. */
  private place(target: number, floats: number): number {
    const known = this.sums.get(target);
    if (known === undefined) {
      this.sums.set(target, { floats, others: [] });
      return target;
    }
    const other = this.call.scratch(4 * floats);
    known.others.push(other);
    return other;
  }
}
