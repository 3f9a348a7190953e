/** Second derivatives of the convolutions, as gradient penalties need them, against finite differences of the oracles. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { activate, activateGradient } from '../oracle/activation.js';
import { array64, inner, type Array64 } from '../oracle/array64.js';
import { conv2d, conv2dGradients } from '../oracle/conv2d.js';
import { conv2dTranspose, conv2dTransposeGradients } from '../oracle/conv2d_transpose.js';
import { depthwiseConv2d, depthwiseConv2dGradients } from '../oracle/depthwise_conv2d.js';
import { describeBackends } from '../support/backends.js';
import { checkOp, type OpCase, type Tensors } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { runConv2d, runConv2dTranspose, runDepthwiseConv2d } from '../support/ops.js';

type Inputs = Readonly<{ x: Array64; filter: Array64; bias: Array64 }>;

/** A convolution on the backend and in float64. */
interface Convolution {
  readonly name: string;
  readonly run: (tensors: Tensors) => tf.Tensor;
  readonly oracle: (inputs: Inputs) => Array64;
  readonly gradients: (inputs: Inputs, upstream: Array64) => Partial<Inputs>;
  readonly inputs: Inputs;
}

const WINDOW = {
  strides: [2, 1],
  dilations: [1, 2],
  padding: [
    [1, 0],
    [2, 1],
  ],
} as const;
const GROUPED = { ...WINDOW, groups: 2 } as const;
const REFLECTED = { ...WINDOW, paddingMode: 'reflect' } as const;

function random(seed: number, x: readonly number[], filter: readonly number[]): Inputs {
  const generator = new Random(seed);
  return { x: generator.array(x), filter: generator.array(filter), bias: generator.array([6]) };
}

const CONVOLUTIONS: readonly Convolution[] = [
  {
    name: 'conv2d()',
    run: runConv2d(GROUPED),
    oracle: (inputs) => conv2d(inputs, GROUPED),
    gradients: (inputs, upstream) => conv2dGradients(inputs, upstream, GROUPED),
    inputs: random(1, [1, 4, 3, 4], [3, 2, 2, 6]),
  },
  {
    name: "conv2d() with paddingMode 'reflect'",
    run: runConv2d(REFLECTED),
    oracle: (inputs) => conv2d(inputs, REFLECTED),
    gradients: (inputs, upstream) => conv2dGradients(inputs, upstream, REFLECTED),
    inputs: random(4, [1, 4, 3, 2], [3, 2, 2, 6]),
  },
  {
    name: 'depthwiseConv2d()',
    run: runDepthwiseConv2d(WINDOW),
    oracle: (inputs) => depthwiseConv2d(inputs, WINDOW),
    gradients: (inputs, upstream) => depthwiseConv2dGradients(inputs, upstream, WINDOW),
    inputs: random(2, [1, 4, 3, 3], [3, 2, 3, 2]),
  },
  {
    name: "conv2d() with activation 'relu'",
    run: ({ x, filter, bias }) =>
      conv.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, {
        ...GROUPED,
        bias: bias as tf.Tensor1D,
        activation: 'relu',
      }),
    oracle: (inputs) => activate(conv2d(inputs, GROUPED), 'relu'),
    gradients: (inputs, upstream) =>
      conv2dGradients(inputs, activateGradient(conv2d(inputs, GROUPED), upstream, 'relu'), GROUPED),
    inputs: random(5, [1, 4, 3, 4], [3, 2, 2, 6]),
  },
  {
    name: 'conv2dTranspose()',
    run: runConv2dTranspose(GROUPED),
    oracle: (inputs) => conv2dTranspose(inputs, GROUPED),
    gradients: (inputs, upstream) => conv2dTransposeGradients(inputs, upstream, GROUPED),
    inputs: random(3, [1, 4, 3, 4], [3, 2, 3, 4]),
  },
];

/** The gradient of ½‖y‖² with respect to one of the inputs. */
function energyGradient({ name, run, oracle, gradients, inputs }: Convolution, chosen: keyof Inputs) {
  const op: OpCase<Inputs> = {
    inputs,
    run: (tensors) => {
      const energy = (given: tf.Tensor): tf.Tensor =>
        tf.mul(0.5, tf.sum(tf.square(run({ ...tensors, [chosen]: given }))));
      return tf.grad(energy)(tensors[chosen]!);
    },
    oracle: (given) => gradients(given, oracle(given))[chosen]!,
  };
  return { name, chosen, op };
}

/** (‖∂(½‖y‖²)/∂x‖ − 1)²: the penalty of a Wasserstein critic (Gulrajani et al. 2017, equation 3). */
function penalty({ name, run, oracle, gradients, inputs }: Convolution) {
  const op: OpCase<Inputs> = {
    inputs,
    run: ({ x, filter, bias }) => {
      const energy = (given: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(run({ x: given, filter, bias }))));
      return tf.reshape(tf.square(tf.sub(tf.sqrt(tf.sum(tf.square(tf.grad(energy)(x!)))), 1)), [1]);
    },
    oracle: (given) => {
      const slope = gradients(given, oracle(given)).x!;
      return array64([1], () => (Math.sqrt(inner(slope, slope)) - 1) ** 2);
    },
  };
  return { name, op };
}

const cases = CONVOLUTIONS.flatMap((convolution) => [
  energyGradient(convolution, 'x'),
  energyGradient(convolution, 'filter'),
  energyGradient(convolution, 'bias'),
]);
const penalties = CONVOLUTIONS.map(penalty);

describeBackends('second derivatives', (backend) => {
  test.each(cases)('of $name, its gradient in $chosen differentiated in every input', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(penalties)('of $name in a gradient penalty', async ({ op }) => {
    await checkOp(op, backend.tolerance);
  });
});
