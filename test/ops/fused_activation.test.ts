/** Activations inside convolutions, and the kernels that apply them elsewhere, against the oracles. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../src/kernel/fused_activation.js';
import { ACTIVATION } from '../../src/ops/activation/kernels.js';
import { runKernelSingle } from '../../src/ops/run_kernel.js';
import { activate, activateGradient } from '../oracle/activation.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { conv2d, conv2dGradients } from '../oracle/conv2d.js';
import { depthwiseConv2d, depthwiseConv2dGradients } from '../oracle/depthwise_conv2d.js';
import { describeBackends } from '../support/backends.js';
import { checkOp, toTensor, type OpCase, type Tensors } from '../support/gradient_check.js';
import { expectNoLeak } from '../support/memory.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

type Inputs = Readonly<{ x: Array64; filter: Array64; bias?: Array64 }>;

const WINDOW = { strides: [2, 1], dilations: [1, 2], padding: 1 } as const;

/** Values up to about 10, so that a good part of them is cut off at 6. */
function inputs(seed: number, x: readonly number[], filter: readonly number[], bias?: number): Inputs {
  const random = new Random(seed);
  const image = random.array(x, -4, 4);
  const weights = random.array(filter);
  return { x: image, filter: weights, ...(bias === undefined ? {} : { bias: random.array([bias], -2, 4) }) };
}

function options(bias: tf.Tensor | undefined, activation: FusedActivation) {
  return { ...WINDOW, bias: bias as tf.Tensor1D | undefined, activation };
}

/** conv2d, with channels that are and are no multiple of four, in groups, with one tap, and in several tiles of columns. */
const CONVOLUTIONS = [
  ['bias', inputs(1, [2, 5, 4, 3], [3, 2, 3, 8], 8), 1],
  ['a bias of 5 channels', inputs(2, [1, 4, 5, 3], [2, 2, 3, 5], 5), 1],
  ['groups', inputs(3, [2, 4, 4, 4], [3, 2, 2, 6], 6), 2],
  ['no bias', inputs(4, [1, 4, 5, 2], [3, 2, 2, 4]), 1],
  ['several tiles', inputs(5, [1, 34, 19, 2], [2, 2, 2, 4], 4), 1],
] as const;

const DEPTHWISE = [
  ['bias', inputs(6, [2, 5, 6, 4], [3, 2, 4, 1], 4)],
  ['a multiplier of 2', inputs(7, [1, 5, 6, 3], [3, 2, 3, 2], 6)],
  ['no bias', inputs(8, [1, 5, 9, 5], [3, 3, 5, 1])],
] as const;

type Case = readonly [title: string, op: OpCase<Inputs>];

const cases: readonly Case[] = (['relu', 'relu6'] as const).flatMap((activation) => [
  ...CONVOLUTIONS.map(([title, given, groups]): Case => {
    const window = { ...WINDOW, groups };
    return [
      `conv2d() with ${activation}, ${title}`,
      {
        inputs: given,
        run: ({ x, filter, bias }: Tensors) =>
          conv.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { ...options(bias, activation), groups }),
        oracle: (arrays) => activate(conv2d(arrays, window), activation),
        gradients: (arrays, dy) =>
          conv2dGradients(arrays, activateGradient(conv2d(arrays, window), dy, activation), window),
      },
    ];
  }),
  ...DEPTHWISE.map(([title, given]): Case => [
    `depthwiseConv2d() with ${activation}, ${title}`,
    {
      inputs: given,
      run: ({ x, filter, bias }: Tensors) =>
        conv.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, options(bias, activation)),
      oracle: (arrays) => activate(depthwiseConv2d(arrays, WINDOW), activation),
      gradients: (arrays, dy) =>
        depthwiseConv2dGradients(arrays, activateGradient(depthwiseConv2d(arrays, WINDOW), dy, activation), WINDOW),
    },
  ]),
]);

describeBackends('fused activations', (backend) => {
  test.each(cases)('%s matches the oracle, values and gradients', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(FUSED_ACTIVATIONS)('%s as a kernel of its own, twice differentiable', async (activation) => {
    const x = new Random(9).array([3, 7], -8, 8);
    const run = (given: tf.Tensor): tf.Tensor =>
      runKernelSingle('run activation', ACTIVATION.forward, { x: given }, { activation });
    const op: OpCase<{ x: Array64 }> = {
      inputs: { x },
      run: ({ x: given }) => run(given!),
      oracle: (given) => activate(given.x, activation),
      gradients: (given, dy) => ({ x: activateGradient(given.x, dy, activation) }),
    };
    await checkOp(op, backend.tolerance);
    // Half of the square: its gradient is the activation times the mask, and so is the gradient of that in a direction.
    const energy: OpCase<{ x: Array64 }> = {
      inputs: { x },
      run: ({ x: given }) => tf.grad((value) => tf.mul(0.5, tf.sum(tf.square(run(value)))))(given!),
      oracle: (given) => activateGradient(given.x, activate(given.x, activation), activation),
    };
    await checkOp(energy, backend.tolerance);
  });

  // PyTorch's rule; TensorFlow's kernels, which run on tfjs-node, pass no gradient at NaN.
  test.each([
    ['relu', [0, 0, 1, 1, 1]],
    ['relu6', [0, 0, 1, 0, 0]],
    ['linear', [1, 1, 1, 1, 1]],
  ] as const)('%s stops gradients at the ends of its range and nowhere else', async (activation, want) => {
    const x = [-Infinity, 0, 3, 6, Infinity, ...(backend.name === 'tensorflow' ? [] : [NaN])];
    await scoped(async () => {
      const y = tf.tensor1d(x);
      const run = (given: tf.Tensor): tf.Tensor =>
        runKernelSingle('run activation', ACTIVATION.forward, { x: given }, { activation });
      const got = [...(await tf.grad(run)(y).data())];
      expect(got).toEqual(x.map((value, index) => (Number.isNaN(value) ? 1 : want[index])));
    });
  });

  test('lets a NaN through, and leaves nothing behind', async () => {
    const x = array64([1, 1, 3, 1], (index) => [NaN, -1, 9][index]!);
    const filter = array64([1, 1, 1, 1], () => 1);
    await scoped(async () => {
      const y = conv.conv2d(toTensor(x) as tf.Tensor4D, toTensor(filter) as tf.Tensor4D, { activation: 'relu6' });
      expect([...(await y.data())]).toEqual([NaN, 0, 6]);
    });
    const [image, weights] = [toTensor(x) as tf.Tensor4D, toTensor(filter) as tf.Tensor4D];
    expectNoLeak(() => conv.conv2d(image, weights, { activation: 'relu' }));
    tf.dispose([image, weights]);
  });
});

describe('fused activations', () => {
  test('rejects activations that no kernel can fuse', async () => {
    await tf.setBackend('cpu');
    const [x, filter] = [tf.ones<tf.Rank.R4>([1, 2, 2, 1]), tf.ones<tf.Rank.R4>([1, 1, 1, 1])];
    expect(() => conv.conv2d(x, filter, { activation: 'tanh' as 'relu' })).toThrow(
      "Cannot run conv2d: activation must be one of 'linear', 'relu', 'relu6', received activation = 'tanh'",
    );
  });
});
