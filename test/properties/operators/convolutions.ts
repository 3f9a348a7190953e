/** conv2d, depthwiseConv2d and conv2dTranspose: sums of products, with an optional fused activation. */
import fc from 'fast-check';
import { FUSED_ACTIVATIONS, type FusedActivation } from '../../../src/kernel/fused_activation.js';
import { activate, activateGradient } from '../../oracle/activation.js';
import type { Array64 } from '../../oracle/array64.js';
import { conv2d, conv2dGradients } from '../../oracle/conv2d.js';
import { conv2dTranspose, conv2dTransposeGradients, transposedAxis } from '../../oracle/conv2d_transpose.js';
import { depthwiseConv2d, depthwiseConv2dGradients } from '../../oracle/depthwise_conv2d.js';
import type { Inputs, Tensors } from '../../support/gradient_check.js';
import { conv2dInputs, conv2dTransposeInputs, depthwiseInputs } from '../../support/inputs.js';
import { runConv2d, runConv2dTranspose, runDepthwiseConv2d } from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { allowedMode, between, both, paddingModes, poisons, spreads, type Space, type Spread } from '../arbitraries.js';
import { productMagnitude, property, type AnyProperty, type PropertyCase } from '../property.js';

type ConvInputs = Readonly<{ x: Array64; filter: Array64; bias?: Array64 }>;

/** A convolution without its activation. */
interface Sums {
  readonly inputs: ConvInputs;
  readonly oracle: (inputs: ConvInputs) => Array64;
  readonly gradients: (inputs: ConvInputs, dy: Array64) => ConvInputs;
  readonly run: (activation: FusedActivation) => (tensors: Tensors) => import('@tensorflow/tfjs').Tensor;
}

/** Bias, activation and a pixel that is not finite. */
export const extras = fc.record({
  bias: fc.boolean(),
  activation: fc.oneof(
    { weight: 2, arbitrary: fc.constant<FusedActivation>('linear') },
    fc.constantFrom(...FUSED_ACTIVATIONS),
  ),
  poison: poisons,
});

/** Relative to the terms of a sum: nearer to a corner of the activation, float32 may fall on its other side. */
const CORNER = 1e-5;

/** The inputs with one pixel replaced. */
export function poisoned<I extends Inputs>(inputs: I, poison: number | undefined, seed: number): I {
  const { x } = inputs;
  if (poison === undefined || !x || x.data.length === 0) return inputs;
  const data = x.data.slice();
  data[new Random(seed).integer(0, data.length - 1)] = poison;
  return { ...inputs, x: { ...x, data } };
}

/** The case of a sum of products, without its activation if a sum is too near a corner of it. */
export function caseOf(
  sums: Sums,
  wanted: { readonly activation: FusedActivation; readonly poison: number | undefined },
  seed: number,
): PropertyCase {
  const { oracle, gradients } = sums as unknown as Pick<PropertyCase, 'oracle' | 'gradients'>;
  const magnitude = productMagnitude({ oracle, gradients });
  const plain = oracle(sums.inputs);
  const sizes = magnitude(sums.inputs, plain).y as Array64;
  // At exactly 0 float32 and float64 agree; anywhere else this near they may not.
  const unclear = plain.data.some((value, index) =>
    [0, 6].some((corner) => value !== corner && Math.abs(value - corner) <= CORNER * (sizes.data[index]! + corner)),
  );
  const activation = unclear ? 'linear' : wanted.activation;
  return {
    inputs: activation === 'linear' ? poisoned(sums.inputs, wanted.poison, seed) : sums.inputs,
    run: sums.run(activation),
    oracle: (inputs) => activate(oracle(inputs), activation),
    gradients: (inputs, dy) =>
      gradients(inputs, activation === 'linear' ? dy : activateGradient(oracle(inputs), dy, activation)),
    differentiable: Object.keys(sums.inputs),
    linear: activation === 'linear' ? ['x', 'filter'] : [],
    kinks: activation === 'linear' ? [] : Object.keys(sums.inputs),
    items: ['x'],
    magnitude,
  };
}

/** The window's own options. */
export function optionsOf({ strides, dilations, padding }: Space): Pick<Space, 'strides' | 'dilations' | 'padding'> {
  return { strides, dilations, padding };
}

const conv2dProperty = property({
  title: 'conv2d()',
  operators: ['conv2d', 'activation', 'biasAdd', 'padImage'],
  specs: fc.record({ space: spreads, mode: paddingModes, extras }),
  build: ({ space, mode, extras: { bias, ...rest } }) => {
    const { batch, size, kernel, groups, groupIn, groupOut, seed } = space;
    const options = { ...optionsOf(space), groups, paddingMode: allowedMode(mode, space) };
    return caseOf(
      {
        inputs: conv2dInputs(seed, [batch, ...size, groups * groupIn], [...kernel, groupIn, groups * groupOut], {
          bias,
        }),
        oracle: (inputs) => conv2d(inputs, options),
        gradients: (inputs, dy) => conv2dGradients(inputs, dy, options),
        run: (activation) => runConv2d({ ...options, activation }),
      },
      rest,
      seed,
    );
  },
});

const depthwiseConv2dProperty = property({
  title: 'depthwiseConv2d()',
  operators: ['depthwiseConv2d', 'activation', 'biasAdd', 'padImage'],
  specs: fc.record({
    space: spreads,
    multiplier: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, between(2, 5)),
    mode: paddingModes,
    extras,
  }),
  build: ({ space, multiplier, mode, extras: { bias, ...rest } }) => {
    const { batch, size, kernel, groupIn: channels, seed } = space;
    const options = { ...optionsOf(space), paddingMode: allowedMode(mode, space) };
    return caseOf(
      {
        inputs: depthwiseInputs(seed, [batch, ...size, channels], [...kernel, channels, multiplier], { bias }),
        oracle: (inputs) => depthwiseConv2d(inputs, options),
        gradients: (inputs, dy) => depthwiseConv2dGradients(inputs, dy, options),
        run: (activation) => runDepthwiseConv2d({ ...options, activation }),
      },
      rest,
      seed,
    );
  },
});

/** A transposed window: padding that leaves an output, and an output padding that is allowed. */
interface Transposed extends Spread {
  readonly outputPadding?: readonly [number, number];
}

const transposedSpreads: fc.Arbitrary<Transposed> = fc
  .record({ space: spreads, extra: fc.option(both(between(0, 4)), { nil: undefined }) })
  .map(({ space, extra }) => {
    const { strides, dilations, size, kernel } = space;
    // The image of a transposed convolution has the size of a plain one's output: fewer pixels suffice.
    const small = { ...space, size: [Math.min(size[0], 5), Math.min(size[1], 9)] as const };
    const limits = ([0, 1] as const).map((axis) =>
      typeof space.padding === 'string' ? strides[axis] : Math.max(strides[axis], dilations[axis]),
    );
    const outputPadding = extra && ([extra[0] % limits[0]!, extra[1] % limits[1]!] as const);
    const whole: Transposed = outputPadding ? { ...small, outputPadding } : small;
    const empty = ([0, 1] as const).some(
      (axis) => transposedAxis(axis, small.size[axis], kernel[axis], whole).output <= 0,
    );
    return empty ? { ...whole, padding: 0 } : whole;
  });

const conv2dTransposeProperty = property({
  title: 'conv2dTranspose()',
  operators: ['conv2d', 'biasAdd'],
  specs: fc.record({ space: transposedSpreads, bias: fc.boolean() }),
  build: ({ space, bias }) => {
    const { batch, size, kernel, groups, groupIn, groupOut, seed, outputPadding } = space;
    const options = { ...optionsOf(space), groups, ...(outputPadding && { outputPadding }) };
    const x = [batch, ...size, groups * groupIn] as const;
    return caseOf(
      {
        inputs: conv2dTransposeInputs(seed, x, [...kernel, groupOut, groups * groupIn], options, { bias }),
        oracle: (inputs) => conv2dTranspose(inputs, options),
        gradients: (inputs, dy) => conv2dTransposeGradients(inputs, dy, options),
        run: () => runConv2dTranspose(options),
      },
      // No poison: if a tap of the filter reads only padding, its gradient is 0 · x.
      { activation: 'linear', poison: undefined },
      seed,
    );
  },
});

export const CONVOLUTION_PROPERTIES: readonly AnyProperty[] = [
  conv2dProperty,
  depthwiseConv2dProperty,
  conv2dTransposeProperty,
];
