/** FSRCNN: the paper's figures, scales, and the shortcut. */
import * as tf from '@tensorflow/tfjs';
import { cost, receptiveField, superResolution, type SuperResolutionOptions } from '../../src/index.js';
import { expectClose } from '../support/compare.js';
import { randomTensor } from '../layers/support/layers.js';
import { runDenseTest } from './support/dense.js';
import { paramsOf, weightShapes } from './support/models.js';

describe('superResolution()', () => {
  beforeAll(() => tf.setBackend('cpu'));

  // Dong et al. 2016, Table 1 and section 3.5: 25d + sd + 9ms² + ds + 81d.
  it.each([
    ['fsrcnn', 12_464, 56, 12, 4],
    ['fsrcnn-s', 3_937, 32, 5, 1],
  ] as const)(
    'has the parameters of the paper (%s: %d), which leaves out biases and PReLUs',
    (variant, count, d, s, m) => {
      const model = superResolution({ variant });
      const shapes = Object.entries(weightShapes(model));
      const kernels = shapes.filter(([name]) => name.endsWith('kernel'));
      expect(kernels.reduce((sum, [, shape]) => sum + tf.util.sizeFromShape(shape as number[]), 0)).toBe(count);
      expect(25 * d + s * d + 9 * m * s ** 2 + d * s + 81 * d).toBe(count);
      const slopes = 2 * d + (m + 1) * s;
      expect(paramsOf(model)).toEqual([count + 2 * slopes + 1, count + 2 * slopes + 1]);
    },
  );

  it.each([2, 3, 4] as const)('has the multiply-adds of the paper at every scale (%d)', (scale) => {
    expect(cost(superResolution({ scale }), { inputShape: [32, 40, 1] }).total.macs).toBe(12_464 * 32 * 40);
  });

  // 5×5, four times 3×3, and ⌈9 / scale⌉ of the small image's rows for each of the large one's.
  it.each([
    [2, 'fsrcnn', 1 + 4 + 8 + 4],
    [3, 'fsrcnn', 1 + 4 + 8 + 2],
    [4, 'fsrcnn', 1 + 4 + 8 + 2],
    [3, 'fsrcnn-s', 1 + 4 + 2 + 2],
  ] as const)('upsamples by %d with the expected receptive field (%s)', (scale, variant, size) => {
    const field = receptiveField(superResolution({ scale, variant }), { inputShape: [32, 32, 1], layer: 'enlarge' });
    expect(field).toMatchObject({ size: [size, size], stride: [1 / scale, 1 / scale] });
  });

  it('starts as nearest upsampling with the residual shortcut', async () => {
    const model = superResolution({ scale: 3, residual: true, inputShape: [4, 5, 3] });
    const x = randomTensor(1, [1, 4, 5, 3]);
    model.getLayer('enlarge').setWeights(
      model
        .getLayer('enlarge')
        .getWeights()
        .map((weight) => tf.zerosLike(weight)),
    );
    const repeated = tf.tile(tf.reshape(x, [4, 1, 5, 1, 3]), [1, 3, 1, 3, 1]);
    await expectClose(model.predict(x) as tf.Tensor, tf.reshape(repeated, [1, 12, 15, 3]), 0);
  });
});

runDenseTest<SuperResolutionOptions>({
  name: 'superResolution',
  build: superResolution,
  tiny: { variant: 'fsrcnn-s', scale: 3, residual: true },
  inputShape: [7, 10, 3],
  channels: 3,
  scale: 3,
  probabilities: false,
  refusals: [
    [{ scale: 5 }, RangeError, 'scale must be 2, 3 or 4, received scale = 5'],
    [{ scale: 1 }, RangeError, 'received scale = 1'],
    [{ variant: 'srcnn' }, RangeError, "received variant = 'srcnn'"],
    [{ residual: 1 }, TypeError, 'received residual = 1'],
  ],
});
