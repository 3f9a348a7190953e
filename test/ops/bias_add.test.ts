/** biasAdd, the part of every convolution with a bias, and the sum that is its gradient: values and gradients of both. */
import { biasAdd, biasGradient } from '../../src/ops/bias_add/op.js';
import { array64, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { checkOp, type OpCase } from '../support/gradient_check.js';
import { Random } from '../support/random.js';

/** Ranks, and channel counts around the width of vector registers; rows around the blocks of a sum. */
const SHAPES = [
  [2, 3, 4, 5],
  [3, 2],
  [1, 1, 1, 1],
  [65, 3, 7],
  [0, 2, 3],
  [5, 41, 40, 2],
  ...[4, 8, 9, 31].map((channels) => [2, 3, channels]),
];

interface BiasInputs extends Record<string, Array64> {
  readonly x: Array64;
  readonly bias: Array64;
}

function addCase(shape: readonly number[]): OpCase<BiasInputs> {
  const random = new Random(1);
  const channels = shape[shape.length - 1]!;
  return {
    inputs: { x: random.array(shape), bias: random.array([channels]) },
    run: ({ x, bias }) => biasAdd('test biasAdd', x!, bias!),
    oracle: ({ x, bias }) => array64(shape, (index) => x.data[index]! + bias.data[index % channels]!),
    gradients: (_, dy) => ({ x: dy, bias: sums(dy) }),
  };
}

/** The sum of every channel. */
function sums(dy: Array64): Array64 {
  const channels = dy.shape[dy.shape.length - 1]!;
  return array64([channels], (c) =>
    dy.data.reduce((sum, value, index) => (index % channels === c ? sum + value : sum), 0),
  );
}

function sumCase(shape: readonly number[]): OpCase<{ dy: Array64 }> {
  return {
    inputs: { dy: new Random(2).array(shape) },
    run: ({ dy }) => biasGradient('test biasGradient', dy!),
    oracle: ({ dy }) => sums(dy),
    gradients: ({ dy }, upstream) => ({
      dy: array64(dy.shape, (index) => upstream.data[index % upstream.data.length]!),
    }),
  };
}

const cases = SHAPES.map((shape) => ({ title: shape.join(' × '), add: addCase(shape), sum: sumCase(shape) }));

describeBackends('biasAdd()', (backend) => {
  test.each(cases)('matches the sum in value and gradients: $title', async ({ add }) => {
    await checkOp(add, backend.tolerance);
  });

  test.each(cases)('has a gradient that matches the oracle, and one of its own: $title', async ({ sum }) => {
    await checkOp(sum, backend.tolerance);
  });
});
