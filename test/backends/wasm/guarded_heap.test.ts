/** The memory checks under which the operator tests run find invalid accesses. */
import * as tf from '@tensorflow/tfjs';
import '../../../src/index.js';
import { geometryFields } from '../../../src/backends/wasm/geometry.js';
import { writeOperands } from '../../../src/backends/wasm/operands.js';
import { GuardedHeap, GuardError } from '../../support/guarded_heap.js';
import { withEveryVariant } from '../../support/wasm_variants.js';

/** A 3×3 convolution of 5×4 pixels. */
const GEOMETRY = {
  ...{ batch: 1, inHeight: 5, inWidth: 4, inChannels: 6, outHeight: 3, outWidth: 2, outChannels: 8, groups: 1 },
  ...{ kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
  ...{ padTop: 0, padBottom: 0, padLeft: 0, padRight: 0 },
} as const;

/** Number of floats in each operand. */
const SIZES = { x: 5 * 4 * 6, filter: 9 * 6 * 8, y: 3 * 2 * 8 } as const;

describe.each(['plain', 'relaxed'] as const)('GuardedHeap of the %s binary', (variant) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  function heap(): GuardedHeap {
    const active: unknown = tf.backend();
    return withEveryVariant(() => new GuardedHeap(active as tf.KernelBackend, { variant }));
  }

  /** Runs the convolution with operands that are `less` floats smaller than the geometry requires. */
  function convolve(less: Partial<Record<keyof typeof SIZES | 'scratch', number>> = {}, geometry: object = {}): void {
    const guarded = heap();
    tf.tidy(() => {
      const outputs = guarded.run(({ exports, input, output, scratch, integers }) => {
        const g = integers(geometryFields({ ...GEOMETRY, ...geometry }, 0));
        const room = scratch(exports.convolutionScratch(g) - 4 * (less.scratch ?? 0));
        const operand = (name: 'x' | 'filter'): number => input(tf.ones([SIZES[name] - (less[name] ?? 0)]));
        const [x, filter] = [operand('x'), operand('filter')];
        const y = output([SIZES.y - (less.y ?? 0)]);
        exports.convolutionForward(writeOperands({ integers }, { geometry: g, x, filter, y, scratch: room }));
      });
      const backend: unknown = tf.backend();
      for (const { dataId } of outputs) (backend as tf.KernelBackend).disposeData(dataId);
    });
    expect(guarded.reads).toBeGreaterThan(SIZES.filter / 4);
    expect(guarded.writes).toBeGreaterThanOrEqual(SIZES.y / 4);
  }

  it('accepts a call with correct operands', () => {
    expect(() => {
      convolve();
    }).not.toThrow();
  });

  it.each([
    ['an input that is a float short', { x: 1 }, /may not read \d+ bytes at .*input 1 \(read only\)/],
    ['a filter that is a float short', { filter: 1 }, /may not read/],
    ['an output that is a float short', { y: 1 }, /may not (read|write)/],
    ['scratch memory that is too short', { scratch: 32 }, /may not (read|write)/],
  ] as const)('finds %s', (_, less, message) => {
    expect(() => {
      convolve(less);
    }).toThrow(GuardError);
    expect(() => {
      convolve(less);
    }).toThrow(message);
  });

  it.each([
    ['one channel more', { inChannels: 7 }],
    ['one row more', { inHeight: 6, outHeight: 4 }],
    ['one image more', { batch: 2 }],
  ])('finds a geometry of %s', (_, geometry) => {
    expect(() => {
      convolve({}, geometry);
    }).toThrow(GuardError);
  });

  it('finds a kernel that writes to its input, and one that fills past its output', () => {
    const guarded = heap();
    const values = tf.ones([16]);
    expect(() =>
      guarded.run(({ exports, input, output }) => {
        const x = input(values);
        output([16]);
        exports.weightedSum(x, x, x, 16, 1, 1);
      }),
    ).toThrow(/may not write 16 bytes at \d+: the operands are input 1 \(read only\)/);
    expect(() =>
      guarded.run(({ exports, input, output, scratch, integers }) => {
        const g = integers(geometryFields(GEOMETRY, 0));
        const room = scratch(exports.convolutionFilterScratch(g));
        const [x, dy] = [input(tf.ones([SIZES.x])), input(tf.ones([SIZES.y]))];
        const dfilter = output([SIZES.filter - 1]);
        exports.convolutionBackwardFilter(
          writeOperands({ integers }, { geometry: g, x, dy, dfilter, scratch: room }),
          0,
          1,
        );
      }),
    ).toThrow(GuardError);
    expect(() =>
      guarded.run(({ input, floats }) => {
        floats(input(values), 16).fill(2);
      }),
    ).toThrow('A kernel wrote to input 1');
    values.dispose();
  });
});
