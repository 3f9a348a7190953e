/** padImage, the part of every convolution whose padding is not zeros: values, gradients and their gradients. */
import * as tf from '@tensorflow/tfjs';
import type { BorderMode, Sides } from '../../src/ops/pad_image/kernels.js';
import { padImage } from '../../src/ops/pad_image/op.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { checkOp, type OpCase } from '../support/gradient_check.js';
import { Random } from '../support/random.js';

const FORMS: readonly [mode: BorderMode, x: [number, number, number, number], sides: Sides][] = [
  [
    'reflect',
    [2, 5, 4, 3],
    [
      [2, 1],
      [3, 0],
    ],
  ],
  [
    'reflect',
    [1, 3, 6, 1],
    [
      [2, 2],
      [5, 5],
    ],
  ],
  [
    'reflect',
    [1, 2, 3, 5],
    [
      [0, 0],
      [0, 1],
    ],
  ],
  [
    'replicate',
    [2, 5, 4, 3],
    [
      [2, 1],
      [3, 0],
    ],
  ],
  [
    'replicate',
    [1, 1, 2, 2],
    [
      [3, 4],
      [0, 5],
    ],
  ],
  [
    'replicate',
    [2, 3, 1, 4],
    [
      [0, 0],
      [6, 2],
    ],
  ],
  [
    'circular',
    [2, 5, 4, 3],
    [
      [2, 1],
      [3, 0],
    ],
  ],
  [
    'circular',
    [1, 3, 2, 2],
    [
      [3, 3],
      [2, 1],
    ],
  ],
  [
    'circular',
    [2, 1, 1, 2],
    [
      [1, 0],
      [1, 1],
    ],
  ],
  [
    'reflect',
    [0, 3, 4, 2],
    [
      [1, 1],
      [1, 1],
    ],
  ],
];

/** The pixel along an axis that supplies position `at`, relative to the image. */
function source(at: number, size: number, mode: BorderMode): number {
  if (mode === 'replicate') return Math.min(Math.max(at, 0), size - 1);
  if (mode === 'circular') return (at + size) % size;
  // Back and forth, reflecting at the outermost pixels.
  const period = Math.max(2 * (size - 1), 1);
  const phase = ((at % period) + period) % period;
  return Math.min(phase, period - phase);
}

function padded({ shape, data }: Array64, [[top, bottom], [left, right]]: Sides, mode: BorderMode): Array64 {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const columns = left + width + right;
  const rows = top + height + bottom;
  return array64([batch, rows, columns, channels], (index) => {
    const pixel = Math.floor(index / channels);
    const x = source((pixel % columns) - left, width, mode);
    const y = source((Math.floor(pixel / columns) % rows) - top, height, mode);
    const image = Math.floor(pixel / columns / rows);
    return data[((image * height + y) * width + x) * channels + (index % channels)]!;
  });
}

const cases = FORMS.map(([mode, shape, sides], index) => {
  const inputs = { x: new Random(index + 1).array(shape) };
  const pad = (x: tf.Tensor): tf.Tensor => padImage('test padImage', x as tf.Tensor4D, sides, mode);
  const plain: OpCase<{ x: Array64 }> = {
    inputs,
    run: ({ x }) => pad(x!),
    oracle: ({ x }) => padded(x, sides, mode),
  };
  /** The gradient of ½‖y‖², which is linear in x through the backward kernel. */
  const energy: OpCase<{ x: Array64 }> = {
    inputs,
    run: ({ x }) => tf.grad(pad)(x!, pad(x!)),
    oracle: ({ x }) => {
      const sums = array64(x.shape);
      const sources = padded(
        array64(x.shape, (position) => position),
        sides,
        mode,
      );
      const y = padded(x, sides, mode);
      sources.data.forEach((position, at) => {
        sums.data[position]! += y.data[at]!;
      });
      return sums;
    },
  };
  return { title: `${mode} ${JSON.stringify(shape)} by ${JSON.stringify(sides)}`, plain, energy };
});

describeBackends('padImage()', (backend) => {
  test.each(cases)('matches the formula in value and gradient: $title', async ({ plain }) => {
    await checkOp(plain, backend.tolerance);
  });

  test.each(cases)('has a gradient that can be differentiated: $title', async ({ energy }) => {
    await checkOp(energy, backend.tolerance);
  });
});
