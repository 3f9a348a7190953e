/** clipGradients against its formulas in float64. */
import * as tf from '@tensorflow/tfjs';
import { CLIP_KINDS, type ClipKind } from '../../src/ops/clip_gradients/kernels.js';
import { clipGradients } from '../../src/ops/clip_gradients/op.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const normOf = (arrays: readonly Array64[]): number =>
  Math.sqrt(arrays.flatMap(({ data }) => [...data]).reduce((sum, value) => sum + value * value, 0));

function clipped(gradients: readonly Array64[], by: ClipKind, limit: number): Array64[] {
  return gradients.map((gradient) => {
    const norm = normOf(by === 'norm' ? [gradient] : gradients);
    return array64(gradient.shape, (index) => {
      const value = gradient.data[index]!;
      return by === 'value' ? Math.min(Math.max(value, -limit), limit) : (value * limit) / Math.max(norm, limit);
    });
  });
}

describeBackends('clipGradients()', () => {
  const sizes = [[1], [2, 3], [5], [8], [1030], [], [0, 4]];

  test.each(CLIP_KINDS.flatMap((by) => [0.3, 1, 9, 1000].map((limit) => [by, limit] as const)))(
    'by %s to %d matches the formula',
    async (by, limit) => {
      const random = new Random(7);
      const gradients = sizes.map((shape) => random.array(shape));
      const wanted = clipped(gradients, by, limit);
      await scoped(async () => {
        const results = clipGradients(gradients.map(toTensor), { by, limit });
        for (const [index, want] of wanted.entries()) {
          expect(results[index]!.shape).toEqual(want.shape);
          await expectClose(results[index]!, want, 1e-5, String(index));
        }
      });
    },
  );

  test.each(CLIP_KINDS)('by %s leaves what is within the limit as it is', async (by) => {
    const gradient = tf.tensor1d([0.25, -0.5, 0.125]);
    const [result] = clipGradients([gradient], { by, limit: 2 });
    expect([...(await result!.data())]).toEqual([0.25, -0.5, 0.125]);
    tf.dispose([gradient, result!]);
  });

  test.each(CLIP_KINDS)('by %s leaves its inputs as they were and nothing behind', async (by) => {
    const inputs = [tf.tensor1d([3, 4]), tf.tensor2d([[6, 8]])];
    expectNoLeak(() => clipGradients(inputs, { by, limit: 0.5 }));
    expect([...(await inputs[0]!.data()), ...(await inputs[1]!.data())]).toEqual([3, 4, 6, 8]);
    tf.dispose(inputs);
  });
});

describe('clipGradients()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('refuses to clip nothing, and what is not float32', () => {
    expect(() => clipGradients([], { by: 'norm', limit: 1 })).toThrow('at least one gradient');
    expect(() => clipGradients([tf.ones([2]), tf.ones([2], 'int32')], { by: 'norm', limit: 1 })).toThrow(
      'Cannot run clipGradients: gradients[1] must',
    );
  });
});
