/** Invariants of every differentiable operator on every backend, whatever its formula. */
import * as tf from '@tensorflow/tfjs';
import * as conv from '../../src/index.js';
import { array64, inner, type Array64 } from '../oracle/array64.js';
import { describeBackends } from '../support/backends.js';
import { expectClose, expectSameBits, values } from '../support/compare.js';
import { toTensor, toTensors, valueAndGradients, type Inputs, type Tensors } from '../support/gradient_check.js';
import {
  conv2dInputs,
  conv2dTransposeInputs,
  deformInputs,
  deformV3Inputs,
  depthwiseInputs,
} from '../support/inputs.js';
import { expectNoLeak } from '../support/memory.js';
import {
  runConv2d,
  runConv2dTranspose,
  runDeformConv2d,
  runDeformConv2dV3,
  runDepthwiseConv2d,
} from '../support/ops.js';
import { Random } from '../support/random.js';
import { scoped } from '../support/scoped.js';

interface Operator {
  readonly title: string;
  readonly inputs: Inputs;
  readonly run: (tensors: Tensors) => tf.Tensor;
  /** Inputs in which the operator is linear, for constant other inputs and no bias. */
  readonly linear: readonly string[];
}

const CONV = {
  strides: [2, 1],
  dilations: [1, 2],
  padding: [
    [1, 0],
    [2, 1],
  ],
  groups: 2,
} as const;
const DEFORM = { ...CONV, offsetGroups: 4 } as const;
const DEPTHWISE_DEFORM = { ...CONV, groups: 8, offsetGroups: 2 } as const;
const DEFORM_V3 = {
  kernelSize: [3, 5],
  strides: [2, 1],
  dilations: [1, 2],
  padding: [1, 3],
  groups: 2,
  offsetScale: 0.5,
  removeCenter: true,
  softmax: true,
} as const;
const REFLECT = { ...CONV, paddingMode: 'reflect' } as const;
const { strides, dilations, padding } = CONV;

const OPERATORS: readonly Operator[] = [
  {
    title: 'conv2d()',
    inputs: conv2dInputs(1, [5, 9, 11, 8], [3, 2, 4, 10]),
    run: runConv2d(CONV),
    linear: ['x', 'filter'],
  },
  {
    title: "conv2d() with paddingMode 'reflect'",
    inputs: conv2dInputs(2, [5, 9, 11, 8], [3, 2, 4, 10]),
    run: runConv2d(REFLECT),
    linear: ['x', 'filter'],
  },
  {
    title: 'depthwiseConv2d()',
    inputs: depthwiseInputs(3, [5, 9, 11, 7], [3, 2, 7, 2]),
    run: runDepthwiseConv2d({ strides, dilations, padding }),
    linear: ['x', 'filter'],
  },
  {
    title: 'deformConv2d()',
    inputs: deformInputs(4, [5, 9, 11, 8], [3, 2, 4, 10], DEFORM),
    run: runDeformConv2d(DEFORM),
    linear: ['x', 'filter', 'mask'],
  },
  {
    title: 'depthwise deformConv2d()',
    inputs: deformInputs(5, [5, 9, 11, 8], [3, 2, 1, 16], DEPTHWISE_DEFORM),
    run: runDeformConv2d(DEPTHWISE_DEFORM),
    linear: ['x', 'filter', 'mask'],
  },
  {
    title: 'conv2dTranspose()',
    inputs: conv2dTransposeInputs(17, [5, 5, 6, 8], [3, 2, 5, 8], CONV),
    run: runConv2dTranspose(CONV),
    linear: ['x', 'filter'],
  },
  {
    title: 'deformConv2dV3()',
    inputs: deformV3Inputs(18, [5, 9, 11, 8], DEFORM_V3),
    run: runDeformConv2dV3(DEFORM_V3),
    linear: ['x'],
  },
  {
    title: 'batchNormInference()',
    inputs: {
      x: new Random(6).array([5, 9, 11, 7]),
      mean: new Random(7).array([7]),
      variance: new Random(8).array([7], 0.5, 2),
      gamma: new Random(9).array([7]),
    },
    run: ({ x, mean, variance, gamma }) =>
      conv.batchNormInference(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, { gamma: gamma as tf.Tensor1D }),
    linear: ['gamma'],
  },
];

/** Not linear in any input, and its images do depend on each other. */
const BATCH_NORM: Operator = {
  title: 'batchNorm()',
  inputs: {
    x: new Random(10).array([5, 9, 11, 7]),
    gamma: new Random(11).array([7]),
    beta: new Random(12).array([7]),
  },
  run: ({ x, gamma, beta }) =>
    conv.batchNorm(x!, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, activation: 'relu' }).y,
  linear: [],
};

const differentiable = ({ inputs }: Operator): string[] =>
  Object.keys(inputs).filter((name) => name !== 'mean' && name !== 'variance');

const norm = (array: Array64): number => Math.sqrt(inner(array, array));

/** The images [start, end) of every input that has one for each image of the batch. */
function images(inputs: Inputs, start: number, end: number): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => {
      if (!['x', 'offset', 'mask'].includes(name)) return [name, array];
      const { shape, data } = array!;
      const size = data.length / shape[0]!;
      return [name, { shape: [end - start, ...shape.slice(1)], data: data.slice(start * size, end * size) }];
    }),
  );
}

describeBackends('every operator', (backend) => {
  // Only some backends guarantee it.
  const promised = backend.repeatable ? [...OPERATORS, BATCH_NORM] : [];
  if (promised.length > 0) {
    test.each(promised)('$title gives the same bits every time', async (operator) => {
      await scoped(async () => {
        const tensors = toTensors(operator.inputs);
        const dy = toTensor(new Random(13).array(operator.run(tensors).shape));
        const names = differentiable(operator);
        const first = valueAndGradients(operator.run, tensors, names, dy);
        const second = valueAndGradients(operator.run, tensors, names, dy);
        await expectSameBits(second.y, first.y, 'y');
        for (const name of names) await expectSameBits(second.gradients[name]!, first.gradients[name]!, `d_${name}`);
      });
    });
  }

  test.each(OPERATORS)('$title gives the same however a batch is split', async (operator) => {
    const { inputs, run } = operator;
    const parts = [
      [0, 1],
      [1, 3],
      [3, 5],
    ] as const;
    await scoped(async () => {
      const shape = run(toTensors(inputs)).shape;
      const dy = new Random(14).array(shape);
      const names = differentiable(operator).filter((name) => ['x', 'offset', 'mask'].includes(name));
      const whole = valueAndGradients(run, toTensors(inputs), names, toTensor(dy));
      const split = parts.map(([start, end]) =>
        valueAndGradients(
          run,
          toTensors(images(inputs, start, end)),
          names,
          toTensor(images({ x: dy }, start, end)['x']!),
        ),
      );
      const equal = backend.repeatable
        ? expectSameBits
        : (got: tf.Tensor, want: tf.Tensor, name: string) => expectClose(got, want, backend.tolerance, name);
      await equal(tf.concat(split.map(({ y }) => y)), whole.y, 'y');
      for (const name of names) {
        await equal(tf.concat(split.map(({ gradients }) => gradients[name]!)), whole.gradients[name]!, `d_${name}`);
      }
    });
  });

  const linearPairs = OPERATORS.flatMap(({ title, inputs, run, linear }) =>
    linear.map((name) => ({ title, inputs, run, name })),
  );

  test.each(linearPairs)('$title satisfies ⟨Ju, v⟩ = ⟨u, Jᵀv⟩ in $name', async ({ inputs, run, name }) => {
    await scoped(async () => {
      const tensors = toTensors({ ...inputs, bias: undefined, beta: undefined });
      const u = await values(tensors[name]!);
      const ju = await values(run(tensors));
      // Near Ju itself the product is far from 0, so that its relative error means something.
      const noise = new Random(15).array(ju.shape);
      const scale = norm(ju) / norm(noise);
      const v = array64(ju.shape, (index) => Math.fround(ju.data[index]! + scale * noise.data[index]!));
      const { gradients } = valueAndGradients(run, tensors, [name], toTensor(v));
      const want = inner(ju, v);
      expect(Math.abs(inner(u, await values(gradients[name]!)) - want) / Math.abs(want)).toBeLessThan(
        backend.tolerance,
      );
    });
  });

  test.each(OPERATORS.filter(({ inputs }) => 'offset' in inputs))(
    '$title satisfies ⟨Ju, v⟩ = ⟨u, Jᵀv⟩ in offset',
    async ({ inputs, run }) => {
      await scoped(async () => {
        const tensors = toTensors({ ...inputs, bias: undefined });
        // Bilinear between integers, which the offsets keep a tenth away from: there this difference is exact.
        const u = new Random(16).array(inputs['offset']!.shape, -0.05, 0.05);
        const moved = (sign: number): tf.Tensor =>
          run({ ...tensors, offset: tf.add(tensors['offset']!, tf.mul(sign, toTensor(u))) });
        const ju = await values(tf.div(tf.sub(moved(1), moved(-1)), 2));
        const { gradients } = valueAndGradients(run, tensors, ['offset'], toTensor(ju));
        const want = inner(ju, ju);
        expect(Math.abs(inner(u, await values(gradients['offset']!)) - want) / want).toBeLessThan(backend.tolerance);
      });
    },
  );

  test.each([...OPERATORS, BATCH_NORM])('$title leaves no tensor behind', (operator) => {
    const tensors = toTensors(operator.inputs);
    const names = differentiable(operator);
    const gradient = tf.grads((...given: tf.Tensor[]) =>
      operator.run({ ...tensors, ...Object.fromEntries(names.map((name, index) => [name, given[index]])) }),
    );
    if (operator !== BATCH_NORM) expectNoLeak(() => operator.run(tensors));
    expectNoLeak(() => gradient(names.map((name) => tensors[name]!)));
    // One input at a time: the gradients of the others must not be kept for it.
    for (const name of names) {
      expectNoLeak(() => tf.grad((given) => operator.run({ ...tensors, [name]: given }))(tensors[name]!));
    }
    tf.dispose(Object.values(tensors).flatMap((tensor) => tensor ?? []));
  });

  test('batchNorm() leaves nothing but its three results behind', () => {
    const x = toTensor(BATCH_NORM.inputs['x']!);
    expectNoLeak(() => {
      const { y, mean, variance } = conv.batchNorm(x);
      return [y, mean, variance];
    });
    x.dispose();
  });
});
