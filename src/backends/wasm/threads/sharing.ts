/** One call of a kernel in parts: what each part's arguments are, and how sums that parts make for themselves add up. */
import type { KernelExports } from '../exports.js';
import { GEOMETRY_BYTES, writeGeometry, type WasmGeometry } from '../geometry.js';
import { isCutCleanly, partsOf, ranges, type Part } from './parts.js';
import type { Task } from './pool.js';
import { filterSize, type Split } from './splits.js';

/** Address of so many bytes of uninitialised memory, aligned. */
export type Scratch = (bytes: number) => number;

export interface SharedCall {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly scratch: Scratch;
  readonly split: Split;
  /** Geometry of the whole. */
  readonly whole: WasmGeometry;
  /** Threads. */
  readonly count: number;
}

/** Sums of one thing: those of the first part stand where the result goes, those of the others elsewhere. */
interface Sums {
  readonly floats: number;
  readonly others: number[];
}

/** Floats that one thread adds up at least and in multiples of: a cache line. */
const RUN = 16;

export class Sharing {
  readonly parts: readonly Part[];
  /** Whether parts of one image reach the same rows of it. */
  private readonly overlapping: boolean;
  /** By address of the result. */
  private readonly sums = new Map<number, Sums>();

  constructor(private readonly call: SharedCall) {
    const { split, whole, count } = call;
    const clean = isCutCleanly(whole);
    this.overlapping = split.roles.includes('imageSums') && !clean;
    // What a deformable convolution reads of the input depends on its offsets.
    const crop = whole.offsetGroups === 0 && !this.overlapping;
    this.parts = partsOf(whole, count, { rows: split.rows ?? true, crop });
  }

  /** The arguments of a part from those of the whole. */
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
      // 0 stands for what is absent.
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

  /** The tasks that add up, once all parts have ended, what they summed for themselves. */
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

  /** Where a part puts its sums. */
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
