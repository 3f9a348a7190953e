/** The oracles against each other, against finite differences and against values computed by hand. */
import { conv2dInputs, deformInputs, depthwiseInputs } from '../support/inputs.js';
import { expectClose } from '../support/compare.js';
import { finiteDifferences, type Inputs } from '../support/gradient_check.js';
import { Random } from '../support/random.js';
import { adam } from './adam.js';
import { array64, type Array64 } from './array64.js';
import { batchNorm, moments } from './batch_norm.js';
import { conv2d, conv2dGradients } from './conv2d.js';
import { deformConv2d, deformConv2dGradients } from './deform_conv2d.js';
import { depthwiseConv2d, depthwiseConv2dGradients } from './depthwise_conv2d.js';
import { axisOf, sourceIndex } from './window.js';

async function expectGradients<I extends Inputs>(
  f: (inputs: I) => Array64,
  gradients: (inputs: I, dy: Array64) => Inputs,
  inputs: I,
): Promise<void> {
  const dy = new Random(99).array(f(inputs).shape);
  const got = gradients(inputs, dy);
  expect(Object.keys(got).sort()).toEqual(Object.keys(inputs).sort());
  for (const [name, gradient] of Object.entries(got)) {
    await expectClose(gradient!, finiteDifferences(f, inputs, name, dy), 1e-8, `d_${name}`);
  }
}

const WINDOW = {
  strides: [2, 1],
  dilations: [1, 2],
  padding: [
    [1, 0],
    [2, 1],
  ],
} as const;

describe('oracle formulas', () => {
  test('conv2dGradients() equals finite differences', async () => {
    const options = { ...WINDOW, groups: 2, paddingMode: 'reflect' } as const;
    const inputs = conv2dInputs(1, [2, 5, 4, 4], [3, 2, 2, 6]);
    await expectGradients(
      (given) => conv2d(given, options),
      (given, dy) => conv2dGradients(given, dy, options),
      inputs,
    );
  });

  test('depthwiseConv2dGradients() equals finite differences', async () => {
    const inputs = depthwiseInputs(2, [2, 5, 4, 3], [3, 2, 3, 2]);
    await expectGradients(
      (given) => depthwiseConv2d(given, WINDOW),
      (given, dy) => depthwiseConv2dGradients(given, dy, WINDOW),
      inputs,
    );
  });

  test('deformConv2dGradients() equals finite differences away from integers', async () => {
    const options = { ...WINDOW, offsetGroups: 3 };
    const inputs = deformInputs(3, [1, 4, 4, 6], [3, 2, 3, 4], options);
    await expectGradients(
      (given) => deformConv2d(given, options),
      (given, dy) => deformConv2dGradients(given, dy, options),
      inputs,
    );
  });

  test('depthwiseConv2d() is conv2d with as many groups as channels', async () => {
    const { x, filter, bias } = depthwiseInputs(4, [2, 5, 4, 3], [3, 2, 3, 2]);
    const asGroups = { x, filter: { shape: [3, 2, 1, 6], data: filter.data }, bias: bias! };
    await expectClose(
      depthwiseConv2d({ x, filter, bias: bias! }, WINDOW),
      conv2d(asGroups, { ...WINDOW, groups: 3 }),
      0,
    );
  });

  test('deformConv2d() at zero offsets is conv2d', async () => {
    const options = { ...WINDOW, groups: 2, offsetGroups: 2 };
    const inputs = deformInputs(5, [2, 5, 4, 4], [3, 2, 2, 6], options, { mask: false });
    const zero = { ...inputs, offset: array64(inputs.offset.shape) };
    await expectClose(deformConv2d(zero, options), conv2d(inputs, options), 1e-15);
  });
});

describe('oracle constants', () => {
  test.each([
    ['zeros', [-1, -1, -1, 0, 1, 2, 3, -1, -1, -1]],
    ['replicate', [0, 0, 0, 0, 1, 2, 3, 3, 3, 3]],
    ['reflect', [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]],
    ['circular', [1, 2, 3, 0, 1, 2, 3, 0, 1, 2]],
  ] as const)('sourceIndex() of %s', (mode, want) => {
    expect(want.map((_, index) => sourceIndex(mode, index - 3, 4))).toEqual(want);
  });

  test.each([
    // input, kernel, stride, dilation, then output, before, after as TensorFlow's documentation has them
    [13, 6, 5, 1, 3, 1, 2],
    [8, 3, 1, 2, 8, 2, 2],
    [8, 1, 2, 1, 4, 0, 0],
    [27, 2, 3, 1, 9, 0, 0],
    [7, 2, 1, 3, 7, 1, 2],
  ])("axisOf() of 'same', input %d, kernel %d, stride %d, dilation %d", (input, kernel, stride, dilation, ...want) => {
    const axis = axisOf(0, input, kernel, { strides: stride, dilations: dilation, padding: 'same' });
    expect([axis.output, axis.before, axis.after]).toEqual(want);
  });

  test('deformConv2d() of one tap reads bilinearly, and not at −1', () => {
    const x = array64([1, 2, 2, 1], (index) => [1, 2, 4, 8][index]!);
    const filter = array64([1, 1, 1, 1], () => 1);
    const read = (y: number, xPosition: number): number => {
      const offset = array64([1, 2, 2, 2], (index) => [y, xPosition][index % 2]!);
      return deformConv2d({ x, offset, filter }).data[0]!;
    };
    expect(read(0.5, 0.5)).toBe(3.75);
    expect(read(-0.5, 0)).toBe(0.5);
    expect(read(1.75, 1)).toBe(2);
    expect([read(-1, 0), read(0, 2), read(NaN, 0), read(0, Infinity)]).toEqual([0, 0, 0, 0]);
  });

  test('batchNorm() of two values, and their moments', () => {
    const x = array64([2, 1], (index) => [1, 5][index]!);
    expect(moments(x)).toEqual({ mean: array64([1], () => 3), variance: array64([1], () => 4) });
    expect([...batchNorm({ x }, { epsilon: 0 }).data]).toEqual([-1, 1]);
    const scaled = { x, gamma: array64([1], () => 10), beta: array64([1], () => 1) };
    expect([...batchNorm(scaled, { epsilon: 0, activation: 'relu6' }).data]).toEqual([0, 6]);
  });

  test('adam() moves by the learning rate at the first step', async () => {
    const zero = array64([2]);
    const state = { value: zero, firstMoment: zero, secondMoment: zero };
    const gradient = array64([2], (index) => [4, -0.5][index]!);
    const { value } = adam(state, gradient, { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0, step: 1 });
    await expectClose(
      value,
      array64([2], (index) => [-0.1, 0.1][index]!),
      1e-12,
    );
  });
});
