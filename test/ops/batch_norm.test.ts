/** batchNorm and batchNormInference against the float64 oracle: values, statistics and every gradient. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import {
  batchNorm as batchNormOracle,
  batchNormInference as inferenceOracle,
  moments,
  type BatchNormInferenceInputs,
  type BatchNormInputs,
  type BatchNormOptions,
} from '../oracle/batch_norm.js';
import { array64 } from '../oracle/array64.js';
import { describeBackends, type TestBackend } from '../support/backends.js';
import { expectClose, expectSameBits } from '../support/compare.js';
import {
  checkOp,
  toTensor,
  toTensors,
  valueAndGradients,
  type OpCase,
  type Tensors,
} from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

const ACTIVATIONS = ['linear', 'relu', 'relu6'] as const;

const SHAPES = [
  [2, 3, 4, 5],
  [7, 3],
  [3, 5, 2],
  [2, 2, 3, 2, 4],
  [6, 1],
  [2, 9, 8, 5],
  ...[6, 7, 8, 9, 13, 16, 35].map((channels) => [2, 3, 2, channels]),
];

function options({ gamma, beta }: Tensors): { gamma?: tf.Tensor1D | undefined; beta?: tf.Tensor1D | undefined } {
  return { gamma: gamma as tf.Tensor1D | undefined, beta: beta as tf.Tensor1D | undefined };
}

/** Channels of different mean and spread; after the affine step relu6 meets both of its corners. */
function random(seed: number, shape: readonly number[], affine = true): BatchNormInputs {
  const generator = new Random(seed);
  const channels = shape[shape.length - 1]!;
  const x = array64(shape, (index) =>
    Math.fround(generator.uniform(-2, 3) * (1 + (index % channels)) + (index % channels)),
  );
  if (!affine) return { x };
  return { x, gamma: generator.array([channels], -6, 6), beta: generator.array([channels], -1, 5) };
}

function trainingCase(inputs: BatchNormInputs, settings: BatchNormOptions): OpCase<BatchNormInputs> {
  return {
    inputs,
    run: (tensors) => conv.batchNorm(tensors['x']!, { ...options(tensors), ...settings }).y,
    oracle: (given) => batchNormOracle(given, settings),
  };
}

function inferenceCase(inputs: BatchNormInputs, settings: BatchNormOptions): OpCase<BatchNormInferenceInputs> {
  const generator = new Random(77);
  const channels = inputs.x.shape[inputs.x.shape.length - 1]!;
  const statistics = { mean: generator.array([channels]), variance: generator.array([channels], 0.5, 3) };
  return {
    inputs: { ...inputs, ...statistics },
    run: ({ x, mean, variance, ...affine }) =>
      conv.batchNormInference(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, { ...options(affine), ...settings }),
    oracle: (given) => inferenceOracle(given, settings),
    differentiable: Object.keys(inputs),
  };
}

const FORMS = [
  ['batchNorm()', trainingCase],
  ['batchNormInference()', inferenceCase],
] as const;

const cases = FORMS.flatMap(([name, make]) => [
  ...ACTIVATIONS.map(
    (activation, index) =>
      [
        `${name} with ${activation}`,
        make(random(index + 1, [3, 4, 2, 7]), { epsilon: 0.01, activation }) as OpCase<BatchNormInputs>,
      ] as const,
  ),
  ...SHAPES.map(
    (shape, index) =>
      [
        `${name} of shape [${shape.join(', ')}]`,
        make(random(10 + index, shape), { epsilon: 0.001, activation: 'relu6' }) as OpCase<BatchNormInputs>,
      ] as const,
  ),
  [
    `${name} without gamma and beta`,
    make(random(30, [4, 3, 5], false), { epsilon: 0.1 }) as OpCase<BatchNormInputs>,
  ] as const,
]);

describeBackends('batch normalisation', (backend) => {
  test.each(cases)('%s matches the oracle in value and gradients', async (_, op) => {
    await checkOp(op, backend.tolerance);
  });

  test.each(FORMS)('%s of a large batch that repeats a small one matches it', async (_, make) => {
    const copies = 512;
    const op = make(random(50, [2, 8, 16, 8]), { epsilon: 0.01, activation: 'relu6' }) as OpCase<BatchNormInputs>;
    const dy = new Random(51).array(op.inputs.x.shape);
    const names = ['x', 'gamma', 'beta'];
    await scoped(async () => {
      const repeat = (tensor: tf.Tensor): tf.Tensor => tf.tile(tensor, [copies, 1, 1, 1]);
      const tensors = toTensors(op.inputs);
      const small = valueAndGradients(op.run, tensors, names, toTensor(dy));
      const x = repeat(tensors['x']!);
      const { y, gradients } = valueAndGradients(op.run, { ...tensors, x }, names, repeat(toTensor(dy)));
      const tolerance = 10 * backend.tolerance;
      for (const first of [0, 2 * (copies - 1)]) {
        await expectClose(tf.slice(y, first, 2), small.y, tolerance, 'y');
        await expectClose(tf.slice(gradients['x']!, first, 2), small.gradients['x']!, tolerance, 'd_x');
      }
      for (const name of ['gamma', 'beta']) {
        await expectClose(tf.div(gradients[name]!, copies), small.gradients[name]!, tolerance, `d_${name}`);
      }
    });
  });

  test('batchNorm() returns the mean and the biased variance of the batch', async () => {
    const inputs = random(40, [3, 4, 2, 7]);
    const want = moments(inputs.x);
    await scoped(async () => {
      const { mean, variance } = conv.batchNorm(toTensor(inputs.x));
      await expectClose(mean, want.mean, backend.tolerance, 'mean');
      await expectClose(variance, want.variance, backend.tolerance, 'variance');
    });
  });

  test('batchNorm() keeps its precision if the mean is large compared with the spread', async () => {
    // E[x²] − E[x]² in float32 would lose everything here.
    const generator = new Random(41);
    const x = array64([4, 5, 3, 3], (index) => Math.fround(1000 * (1 + (index % 3)) + generator.uniform(-1, 1)));
    const want = moments(x);
    await scoped(async () => {
      const { y, mean, variance } = conv.batchNorm(toTensor(x), { epsilon: 1e-3 });
      await expectClose(mean, want.mean, 1e-6, 'mean');
      await expectClose(variance, want.variance, 1e-3, 'variance');
      await expectClose(y, batchNormOracle({ x }, { epsilon: 1e-3 }), 1e-3, 'y');
    });
  });

  test('batchNorm() of a constant channel is beta, with finite gradients', async () => {
    const x = array64([2, 3, 2, 3], (index) => [5, -0.25, 0][index % 3]!);
    const beta = array64([3], (index) => [1, 2, 3][index]!);
    await scoped(async () => {
      const tensors = toTensors({ x, beta });
      const { y } = conv.batchNorm(tensors['x']!, options(tensors));
      await expectClose(
        y,
        array64(x.shape, (index) => beta.data[index % 3]!),
        backend.tolerance,
      );
      const gradient = tf.grad((given) => conv.batchNorm(given).y)(tensors['x']!);
      expect([...(await gradient.data())].every(Number.isFinite)).toBe(true);
    });
  });

  test('batchNorm() passes no gradient through its statistics', async () => {
    const { x } = random(42, [4, 3]);
    await scoped(async () => {
      const image = toTensor(x);
      const through = (given: tf.Tensor): tf.Tensor => {
        const { y, mean, variance } = conv.batchNorm(given);
        return tf.add(tf.sum(tf.square(y)), tf.add(tf.sum(mean), tf.sum(variance)));
      };
      const without = (given: tf.Tensor): tf.Tensor => tf.sum(tf.square(conv.batchNorm(given).y));
      await expectClose(tf.grad(through)(image), tf.grad(without)(image), 0);
    });
  });

  test('batchNormInference() has no gradient for its statistics, and says so', () => {
    tf.tidy(() => {
      const x = tf.ones([2, 3]);
      const variance = tf.ones<tf.Rank.R1>([3]);
      const gradient = tf.grad((mean) => conv.batchNormInference(x, mean as tf.Tensor1D, variance));
      expect(() => gradient(tf.ones([3]))).toThrow('statistics carry no gradient');
    });
  });

  test.each(['batchNorm', 'batchNormInference'] as const)('%s() of a batch of 0 is empty', async (name) => {
    await scoped(async () => {
      const x = tf.zeros<tf.Rank.R4>([0, 4, 5, 3]);
      const gamma = tf.ones<tf.Rank.R1>([3]);
      const statistics = tf.ones<tf.Rank.R1>([3]);
      const run = (image: tf.Tensor, scale: tf.Tensor): tf.Tensor =>
        name === 'batchNorm'
          ? conv.batchNorm(image, { gamma: scale as tf.Tensor1D }).y
          : conv.batchNormInference(image, statistics, statistics, { gamma: scale as tf.Tensor1D });
      expect(run(x, gamma).shape).toEqual([0, 4, 5, 3]);
      const [dx, dgamma] = tf.grads(run)([x, gamma], tf.zeros([0, 4, 5, 3]));
      expect(dx!.shape).toEqual([0, 4, 5, 3]);
      expect([...(await dgamma!.data())]).toEqual([0, 0, 0]);
    });
  });
});

/**
 * Backends that keep a mean in more digits than float32 has; in shaders its rounding error counts relative to the
 * spread.
 */
const EXACT = ['cpu', 'wasm', 'tensorflow'];

async function expectDigits(backend: TestBackend, mean: number, deviation: number): Promise<void> {
  for (const channels of [3, 20]) {
    const noise = new Random(5).array([300, channels]);
    // As float32, like the backend's values.
    const x = array64(noise.shape, (index) => Math.fround(mean + deviation * noise.data[index]!));
    await scoped(async () => {
      const { y } = conv.batchNorm(toTensor(x), { epsilon: 0.001 });
      await expectClose(y, batchNormOracle({ x }, { epsilon: 0.001 }), backend.tolerance);
    });
  }
}

describeBackends('batchNorm() of values 100 deviations from 0', (backend) => {
  test('keeps its digits', () => expectDigits(backend, 100, 1));
});

describeBackends(
  'batchNorm() of values far from 0',
  (backend) => {
    test.each([
      [1e4, 1],
      [1e4, 0.1],
      [-1e6, 10],
    ])('with mean %d and deviation %d keeps its digits', (mean, deviation) => expectDigits(backend, mean, deviation));

    test.each([NaN, Infinity, -Infinity])(
      'is the same in all channels but the one whose first value is %d',
      async (first) => {
        await scoped(async () => {
          const x = toTensor(new Random(6).array([30, 21]));
          const spoilt = tf.concat([tf.fill([1, 1], first), tf.slice(x, [1, 0], [29, 1])]);
          const given = tf.concat([spoilt, tf.slice(x, [0, 1], [30, 20])], 1);
          const got = conv.batchNorm(given).y;
          expect(new Set(await tf.slice(got, [0, 0], [30, 1]).data())).toEqual(new Set([NaN]));
          const rest = (y: tf.Tensor): tf.Tensor => tf.slice(y, [0, 1], [30, 20]);
          await expectSameBits(rest(got), rest(conv.batchNorm(x).y));
        });
      },
    );
  },
  { where: ({ name }) => EXACT.includes(name) },
);
