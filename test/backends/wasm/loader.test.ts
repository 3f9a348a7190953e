/** Choice of the wasm binary by engine, and equality of the results of both. */
import * as tf from '@tensorflow/tfjs';
import { CopyingHeap } from '../../../src/backends/wasm/copying_heap.js';
import { useHeap } from '../../../src/backends/wasm/heaps.js';
import { chooseVariant, preferredVariant, type Variant } from '../../../src/backends/wasm/loader.js';
import { UnsupportedBackendError } from '../../../src/index.js';
import { expectClose } from '../../support/compare.js';
import { toTensor, toTensors, valueAndGradients } from '../../support/gradient_check.js';
import { deformInputs } from '../../support/inputs.js';
import { runDeformConv2d } from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { scoped } from '../../support/scoped.js';
import { withEveryVariant } from '../../support/wasm_variants.js';

describe('chooseVariant()', () => {
  it('chooses the relaxed binary if the engine supports it, else the plain one', () => {
    expect(chooseVariant(() => true)).toBe('relaxed');
    expect(chooseVariant((variant) => variant === 'plain')).toBe('plain');
  });

  it('refuses an engine without 128-bit SIMD', () => {
    expect(() => chooseVariant(() => false)).toThrow(UnsupportedBackendError);
  });
});

describe('preferredVariant()', () => {
  it('is the relaxed one from Node 21 on', () => {
    const major = Number(process.versions.node.split('.')[0]);
    expect(preferredVariant()).toBe(major < 21 ? 'plain' : 'relaxed');
  });
});

describe('both binaries', () => {
  const OPTIONS = { padding: 1, groups: 2, offsetGroups: 2 };
  const inputs = deformInputs(41, [2, 9, 8, 20], [3, 3, 10, 24], OPTIONS);
  const names = Object.keys(inputs);

  /** Returns the value and all gradients with one binary. */
  function results(variant: Variant): readonly tf.Tensor[] {
    const backend: unknown = tf.backend();
    const host = backend as tf.KernelBackend;
    useHeap(
      host,
      withEveryVariant(() => new CopyingHeap(host, { variant })),
    );
    try {
      const dy = toTensor(new Random(42).array([2, 9, 8, 24]));
      const { y, gradients } = valueAndGradients(runDeformConv2d(OPTIONS), toTensors(inputs), names, dy);
      return [y, ...names.map((name) => gradients[name]!)];
    } finally {
      useHeap(host, undefined);
    }
  }

  it('compute the same up to rounding', async () => {
    await tf.setBackend('wasm');
    await scoped(async () => {
      const [plain, relaxed] = [results('plain'), results('relaxed')];
      expect(relaxed).toHaveLength(names.length + 1);
      for (const [index, tensor] of relaxed.entries()) {
        await expectClose(tensor, plain[index]!, 2e-6, ['y', ...names][index]);
      }
    });
  });
});
