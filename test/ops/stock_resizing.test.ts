/** Gradients of TensorFlow.js resizing after accelerateStockLayers(): those of its values, whatever the options. */
import * as tf from '@tensorflow/tfjs';
import { accelerateStockLayers } from '../../src/index.js';
import { array64, inner, withElement } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, values } from '../support/compare.js';
import { toTensor } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const SHAPE = [2, 3, 5, 2];
const KINDS = { bilinear: tf.image.resizeBilinear, nearest: tf.image.resizeNearestNeighbor } as const;
const CASES = (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
  [
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ].flatMap((options) =>
    [
      [6, 10],
      [4, 3],
      [1, 7],
      [2, 1],
    ].map((size) => ({ kind, ...options, size: size as [number, number] })),
  ),
);

describeBackends(
  'stock resizing after accelerateStockLayers()',
  (backend) => {
    let restore: () => void;
    beforeAll(() => {
      restore = accelerateStockLayers();
    });
    afterAll(() => {
      restore();
    });

    test.each(CASES)(
      '$kind to $size has the gradient of its value: alignCorners $alignCorners, halfPixelCenters $halfPixelCenters',
      async ({ kind, alignCorners, halfPixelCenters, size }) => {
        await scoped(async () => {
          const random = new Random(5);
          const resize = (x: tf.Tensor): tf.Tensor =>
            KINDS[kind](x as tf.Tensor4D, size, alignCorners, halfPixelCenters);
          const dy = random.array([2, ...size, 2]);
          // Resizing is linear: each element of the gradient is the value of one pixel that is 1, times dy.
          const zeros = array64(SHAPE, () => 0);
          const want = array64(SHAPE, () => 0);
          for (let index = 0; index < want.data.length; index++) {
            const y = await values(resize(toTensor(withElement(zeros, index, 1))));
            want.data[index] = inner(y, dy);
          }
          await expectClose(tf.grad(resize)(toTensor(random.array(SHAPE)), toTensor(dy)), want, 10 * backend.tolerance);
        });
      },
    );
  },
  { where: ({ variant }) => variant === undefined },
);
