/**
 * Tensors with an axis of size 0, on memory that held NaN before: results and gradients have the right shape, and elements
 * that nothing is summed for are 0. Filters and images without elements are refused (size_errors.test.ts).
 */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { biasAdd } from '../../src/ops/bias_add/op.js';
import { describeGuarded } from '../support/backends.js';
import { values } from '../support/compare.js';
import { scoped } from '../support/scoped.js';

interface Case {
  readonly title: string;
  /** Inputs by shape; each gets a gradient. */
  readonly inputs: readonly (readonly number[])[];
  readonly run: (...inputs: never[]) => tf.Tensor;
  readonly shape: readonly number[];
}

const boxes = (count: number): [tf.Tensor2D, tf.Tensor1D] => [
  tf.tensor2d(Array.from({ length: count }, () => [0, 0, 2, 2]).flat(), [count, 4]),
  tf.zeros([count], 'int32'),
];

const CASES: readonly Case[] = [
  {
    title: 'conv2d() of a batch of 0',
    inputs: [[0, 5, 4, 3], [3, 3, 3, 7], [7]],
    run: (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D) => conv.conv2d(x, filter, { padding: 1, bias }),
    shape: [0, 5, 4, 7],
  },
  {
    title: 'conv2d() of narrow groups of a batch of 0',
    inputs: [[0, 5, 4, 8], [3, 3, 4, 8], [8]],
    run: (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D) =>
      conv.conv2d(x, filter, { padding: 1, bias, groups: 2, activation: 'relu' }),
    shape: [0, 5, 4, 8],
  },
  ...[1, 2].map((multiplier): Case => ({
    title: `depthwiseConv2d() with multiplier ${multiplier} of a batch of 0`,
    inputs: [[0, 5, 4, 3], [3, 3, 3, multiplier], [3 * multiplier]],
    run: (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D) =>
      conv.depthwiseConv2d(x, filter, { padding: 1, bias }),
    shape: [0, 5, 4, 3 * multiplier],
  })),
  ...[1, 3].map((groups): Case => ({
    title: `deformConv2d() of ${groups} groups of a batch of 0`,
    inputs: [[0, 5, 4, 3], [0, 5, 4, 18], [3, 3, 3 / groups, 6], [0, 5, 4, 9], [6]],
    run: (x: tf.Tensor4D, offset: tf.Tensor4D, filter: tf.Tensor4D, mask: tf.Tensor4D, bias: tf.Tensor1D) =>
      conv.deformConv2d(x, offset, filter, { padding: 1, mask, bias, groups }),
    shape: [0, 5, 4, 6],
  })),
  {
    title: 'conv2dTranspose() of a batch of 0',
    inputs: [[0, 5, 4, 3], [3, 3, 2, 3], [2]],
    run: (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D) => conv.conv2dTranspose(x, filter, { bias }),
    shape: [0, 7, 6, 2],
  },
  {
    title: 'conv2d() with a border of a batch of 0',
    inputs: [
      [0, 5, 4, 3],
      [3, 3, 3, 2],
    ],
    run: (x: tf.Tensor4D, filter: tf.Tensor4D) => conv.conv2d(x, filter, { padding: 1, paddingMode: 'circular' }),
    shape: [0, 5, 4, 2],
  },
  {
    title: 'deformConv2dV3() of a batch of 0',
    inputs: [
      [0, 5, 4, 4],
      [0, 5, 4, 36],
      [0, 5, 4, 18],
    ],
    run: (x: tf.Tensor4D, offset: tf.Tensor4D, mask: tf.Tensor4D) =>
      conv.deformConv2dV3(x, offset, mask, { padding: 1, groups: 2 }),
    shape: [0, 5, 4, 4],
  },
  ...[
    [0, 3, 2, 5],
    [2, 0, 2, 5],
    [2, 3, 2, 0],
  ].flatMap((x): Case[] => [
    {
      title: `batchNorm() of [${x.join(', ')}]`,
      inputs: [x, [x[3]!], [x[3]!]],
      run: (image: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => conv.batchNorm(image, { gamma, beta }).y,
      shape: x,
    },
    {
      title: `biasAdd() of [${x.join(', ')}]`,
      inputs: [x, [x[3]!]],
      run: (image: tf.Tensor4D, bias: tf.Tensor1D) => biasAdd('run biasAdd', image, bias),
      shape: x,
    },
    {
      title: `channelShuffle() of [${x.join(', ')}]`,
      inputs: [x],
      run: (image: tf.Tensor4D) => conv.channelShuffle(image, 5),
      shape: x,
    },
    ...[x, [x[0]!, 1, 1, x[3]!]].map((noiseShape) => ({
      title: `dropout() of [${x.join(', ')}] by [${noiseShape.join(', ')}]`,
      inputs: [x],
      run: (image: tf.Tensor4D) => conv.dropout(image, { rate: 0.5, noiseShape }),
      shape: x,
    })),
  ]),
  ...[
    [0, 3, 2, 5],
    [2, 3, 2, 0],
  ].map((x) => ({
    title: `resizeBilinear() of [${x.join(', ')}]`,
    inputs: [x],
    run: (image: tf.Tensor4D) => conv.resizeBilinear(image, [4, 6]),
    shape: [x[0]!, 4, 6, x[3]!],
  })),
  ...(['roiAlign', 'roiPool', 'psRoiAlign', 'psRoiPool', 'deformRoiPool'] as const).flatMap((name) =>
    (
      [
        [[2, 4, 5, 8], 0],
        [[2, 4, 5, 0], 3],
        [[2, 0, 5, 8], 3],
        [[2, 4, 0, 8], 3],
        [[0, 4, 5, 8], 0],
      ] as const
    ).map(([x, count]): Case => ({
      title: `${name}() of ${count} boxes in [${x.join(', ')}]`,
      inputs: [x],
      run: (image: tf.Tensor4D) => conv[name](image, ...boxes(count), { outputSize: 2 }),
      shape: [count, 2, 2, name.startsWith('ps') ? x[3] / 4 : x[3]],
    })),
  ),
];

describeGuarded('An axis of size 0', (backend) => {
  test.each(CASES)('$title', async ({ inputs, run, shape }) => {
    await scoped(async () => {
      // If memory is reused, elements that the kernel does not write are NaN.
      for (let count = 1; count <= 2 ** 16; count *= 2) tf.fill([count], NaN).dispose();
      const tensors = inputs.map((size) => tf.fill([...size], 3));
      const apply = run as unknown as (...given: tf.Tensor[]) => tf.Tensor;
      const y = apply(...tensors);
      expect({ shape: y.shape, values: [...new Set((await values(y)).data)] }).toEqual({
        shape,
        values: y.size === 0 ? [] : [0],
      });
      const gradients = tf.grads(apply)(tensors, tf.fill([...shape], 1));
      for (const [index, gradient] of gradients.entries()) {
        expect({ index, shape: gradient.shape, values: [...new Set((await values(gradient)).data)] }).toEqual({
          index,
          shape: inputs[index],
          values: gradient.size === 0 ? [] : [0],
        });
      }
    });
    expect(backend.name).toBe(tf.getBackend());
  });
});
