/**
 * Operators that are special cases of each other, computed by different code. Neither side is trusted; float64 only
 * determines how far apart two float32 results may be.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import * as conv from '../../../src/index.js';
import { array64, unravel, type Array64 } from '../../oracle/array64.js';
import { conv2d, conv2dGradients } from '../../oracle/conv2d.js';
import { conv2dTranspose, conv2dTransposeGradients } from '../../oracle/conv2d_transpose.js';
import { depthwiseConv2d, depthwiseConv2dGradients } from '../../oracle/depthwise_conv2d.js';
import { axisOf } from '../../oracle/window.js';
import type { Tensors } from '../../support/gradient_check.js';
import { conv2dInputs, depthwiseInputs, outputGrid } from '../../support/inputs.js';
import {
  runConv2d,
  runConv2dTranspose,
  runDeformConv2d,
  runDeformConv2dV3,
  runDepthwiseConv2d,
} from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { allowedMode, between, paddingModes, spreads, type Space, type Spread } from '../arbitraries.js';
import { identityOf, type AnyIdentity, type IdentityCase } from '../identities.js';
import type { PropertyCase } from '../property.js';
import { caseOf, extras, optionsOf } from './convolutions.js';
import { divisor, v3Space } from './deformable.js';

const PLAIN = { activation: 'linear', poison: undefined } as const;

const multipliers = fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, between(2, 5));

const ones = (shape: readonly number[]): Array64 => array64(shape, () => 1);

/** conv2d of a space, without activation. */
function plainConv2d(space: Spread, bias: boolean): PropertyCase {
  const { batch, size, kernel, groups, groupIn, groupOut, seed } = space;
  const options = { ...optionsOf(space), groups };
  const filter = [...kernel, groupIn, groups * groupOut] as const;
  return caseOf(
    {
      inputs: conv2dInputs(seed, [batch, ...size, groups * groupIn], filter, { bias }),
      oracle: (inputs) => conv2d(inputs, options),
      gradients: (inputs, dy) => conv2dGradients(inputs, dy, options),
      run: () => runConv2d(options),
    },
    PLAIN,
    seed,
  );
}

interface Depthwise {
  readonly space: Spread;
  readonly multiplier: number;
  readonly bias: boolean;
}

/** depthwiseConv2d of a space, without activation. */
function plainDepthwise({ space, multiplier, bias }: Depthwise): PropertyCase {
  const { batch, size, kernel, groupIn: channels, seed } = space;
  const options = optionsOf(space);
  return caseOf(
    {
      inputs: depthwiseInputs(seed, [batch, ...size, channels], [...kernel, channels, multiplier], { bias }),
      oracle: (inputs) => depthwiseConv2d(inputs, options),
      gradients: (inputs, dy) => depthwiseConv2dGradients(inputs, dy, options),
      run: () => runDepthwiseConv2d(options),
    },
    PLAIN,
    seed,
  );
}

/** A depthwise filter [kh, kw, channels, multiplier] as that of as many groups, [kh, kw, 1, channels · multiplier]. */
function inGroups(tensors: Tensors): Tensors {
  const { filter } = tensors as { filter: tf.Tensor4D };
  const [height, width, channels, multiplier] = filter.shape;
  return { ...tensors, filter: tf.reshape(filter, [height, width, 1, channels * multiplier]) };
}

/** Offsets of 0, and weights of 1 if any, for a window over x. */
function still(
  space: Space,
  x: Array64,
  samples: number,
  mask: boolean,
): { readonly offset: Array64; readonly mask?: Array64 } {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const grid = outputGrid([n, h, w, c], [...space.kernel, 0, 0], space);
  return { offset: array64([...grid, samples * 2]), ...(mask && { mask: ones([...grid, samples]) }) };
}

const zeroOffsets = identityOf(
  'deformConv2d() at zero offsets is conv2d()',
  fc.record({ space: spreads, offsetGroups: between(1, 4), mask: fc.boolean(), bias: fc.boolean() }),
  ({ space, offsetGroups: most, mask, bias }) => {
    const { kernel, groups, groupIn } = space;
    const op = plainConv2d(space, bias);
    const offsetGroups = divisor(groups * groupIn, most);
    return {
      op,
      other: {
        inputs: { ...op.inputs, ...still(space, op.inputs['x']!, offsetGroups * kernel[0] * kernel[1], mask) },
        run: runDeformConv2d({ ...optionsOf(space), groups, offsetGroups }),
      },
    };
  },
);

const zeroOffsetsDepthwise = identityOf(
  'depthwise deformConv2d() at zero offsets is depthwiseConv2d()',
  fc.record({
    given: fc.record({ space: spreads, multiplier: multipliers, bias: fc.boolean() }),
    offsetGroups: between(1, 4),
    mask: fc.boolean(),
  }),
  ({ given, offsetGroups: most, mask }) => {
    const { kernel, groupIn: channels } = given.space;
    const op = plainDepthwise(given);
    const offsetGroups = divisor(channels, most);
    const run = runDeformConv2d({ ...optionsOf(given.space), groups: channels, offsetGroups });
    return {
      op,
      other: {
        inputs: { ...op.inputs, ...still(given.space, op.inputs['x']!, offsetGroups * kernel[0] * kernel[1], mask) },
        run: (tensors) => run(inGroups(tensors)),
      },
    };
  },
);

/** The weights are equal, each 1 or an equal fraction of 1, and the centre one may be omitted. */
const zeroOffsetsV3 = identityOf(
  'deformConv2dV3() at zero offsets and equal weights is depthwiseConv2d()',
  fc.record({ space: spreads, removeCenter: fc.boolean(), softmax: fc.boolean() }),
  ({ space: drawn, removeCenter, softmax }) => {
    const space = v3Space({ space: drawn, removeCenter });
    const { batch, size, kernel } = space;
    const { groups, groupIn, seed } = drawn;
    const channels = groups * groupIn;
    const options = optionsOf(space);
    const taps = kernel[0] * kernel[1];
    const count = removeCenter ? taps - 1 : taps;
    const filter = array64([...kernel, channels, 1], (index) =>
      removeCenter && Math.floor(index / channels) === (taps - 1) / 2 ? 0 : softmax ? Math.fround(1 / count) : 1,
    );
    const inputs = { x: new Random(seed).array([batch, ...size, channels]), filter };
    const op = caseOf(
      {
        inputs,
        oracle: (given) => depthwiseConv2d(given, options),
        gradients: (given, dy) => depthwiseConv2dGradients(given, dy, options),
        run: () => runDepthwiseConv2d(options),
      },
      PLAIN,
      seed,
    );
    return {
      op: { ...op, differentiable: ['x'] },
      other: {
        inputs: { x: inputs.x, ...still(space, inputs.x, groups * count, true) },
        run: runDeformConv2dV3({
          ...{ ...options, kernelSize: kernel, groups },
          ...{ offsetScale: 1, removeCenter, softmax },
        }),
      },
    };
  },
);

const groupedDepthwise = identityOf(
  'depthwiseConv2d() is conv2d() with a group for each channel',
  fc.record({ space: spreads, multiplier: multipliers, mode: paddingModes, extras }),
  ({ space, multiplier, mode, extras: { bias, ...rest } }) => {
    const { batch, size, kernel, groupIn: channels, seed } = space;
    const options = { ...optionsOf(space), paddingMode: allowedMode(mode, space) };
    const op = caseOf(
      {
        inputs: depthwiseInputs(seed, [batch, ...size, channels], [...kernel, channels, multiplier], { bias }),
        oracle: (inputs) => depthwiseConv2d(inputs, options),
        gradients: (inputs, dy) => depthwiseConv2dGradients(inputs, dy, options),
        run: (activation) => runDepthwiseConv2d({ ...options, activation }),
      },
      rest,
      seed,
    );
    // If a sum is too near a corner, there is no activation; then the case is linear in x.
    const activation = op.linear?.includes('x') ? 'linear' : rest.activation;
    const run = runConv2d({ ...options, groups: channels, activation });
    return { op, other: { inputs: op.inputs, run: (tensors) => run(inGroups(tensors)) } };
  },
);

/** The padding of a window in numbers. */
function paddingOf(space: Space): readonly [readonly [number, number], readonly [number, number]] {
  const side = (axis: 0 | 1): readonly [number, number] => {
    const { before, after } = axisOf(axis, space.size[axis], space.kernel[axis], space);
    return [before, after];
  };
  return [side(0), side(1)];
}

const transposedGradient = identityOf(
  'conv2dTranspose() is the gradient of conv2d() in its image',
  spreads,
  (space) => {
    const { batch, size, kernel, strides, dilations, groups, groupIn, groupOut, seed } = space;
    const random = new Random(seed);
    const image = [batch, ...size, groups * groupIn] as const;
    const outputShape = outputGrid(image, [...kernel, 0, 0], space);
    const padding = paddingOf(space);
    /** Pixels at the end that no whole window of the convolution covers. */
    const rest = (axis: 0 | 1): number =>
      (size[axis] + padding[axis][0] + padding[axis][1] - ((kernel[axis] - 1) * dilations[axis] + 1)) % strides[axis];
    const options = { ...optionsOf(space), groups, padding, outputPadding: [rest(0), rest(1)] } as const;
    const inputs = {
      x: random.array([...outputShape, groups * groupOut]),
      filter: random.array([...kernel, groupIn, groups * groupOut]),
    };
    const op = caseOf(
      {
        inputs,
        oracle: (given) => conv2dTranspose(given, options),
        gradients: (given, dy) => conv2dTransposeGradients(given, dy, options),
        run: () => runConv2dTranspose(options),
      },
      PLAIN,
      seed,
    );
    const run = runConv2d({ ...optionsOf(space), groups });
    return {
      op,
      other: {
        inputs: { ...inputs, image: random.array(image) },
        run: ({ x, filter, image: at }) => tf.grad((given) => run({ x: given, filter }))(at!, x),
      },
    };
  },
);

/** A filter and the same one with zeros between its taps. */
interface Stuffing {
  readonly stuff: (filter: Array64) => Array64;
  /** Extracts the elements of the taps from an array of the stuffed filter's shape. */
  readonly taps: (stuffed: Array64) => Array64;
}

function stuffingOf({ kernel, dilations }: Space, [inner, outer]: readonly [number, number]): Stuffing {
  const extent = ([0, 1] as const).map((axis) => (kernel[axis] - 1) * dilations[axis] + 1) as [number, number];
  const shape = [...kernel, inner, outer];
  const stuffedIndex = (index: number): number => {
    const [a, b] = unravel(shape, index) as [number, number, number, number];
    return (a * dilations[0] * extent[1] + b * dilations[1]) * inner * outer + (index % (inner * outer));
  };
  return {
    stuff: (filter) => {
      const stuffed = array64([...extent, inner, outer]);
      filter.data.forEach((value, index) => (stuffed.data[stuffedIndex(index)] = value));
      return stuffed;
    },
    taps: (stuffed) => array64(shape, (index) => stuffed.data[stuffedIndex(index)]!),
  };
}

/** One side dilated, the other one with a stuffed filter and no dilation. */
function dilated(op: PropertyCase, { stuff, taps }: Stuffing, run: PropertyCase['run']): IdentityCase {
  return {
    op,
    other: { inputs: { ...op.inputs, filter: stuff(op.inputs['filter']!) }, run },
    back: (name, gradient) => (name === 'filter' ? taps(gradient) : gradient),
  };
}

/** Every window wide enough to be dilated. */
const dilatedSpreads = spreads.filter(
  ({ kernel, dilations }) => (kernel[0] > 1 && dilations[0] > 1) || (kernel[1] > 1 && dilations[1] > 1),
);

const stuffedConv2d = identityOf(
  'dilated conv2d() is conv2d() with zeros between the taps',
  fc.record({ space: dilatedSpreads, bias: fc.boolean() }),
  ({ space, bias }) => {
    const { strides, padding, groups, groupIn, groupOut } = space;
    const stuffing = stuffingOf(space, [groupIn, groups * groupOut]);
    return dilated(plainConv2d(space, bias), stuffing, runConv2d({ strides, padding, groups }));
  },
);

const stuffedDepthwise = identityOf(
  'dilated depthwiseConv2d() is depthwiseConv2d() with zeros between the taps',
  fc.record({ space: dilatedSpreads, multiplier: multipliers, bias: fc.boolean() }),
  (given) => {
    const { strides, padding, groupIn: channels } = given.space;
    const stuffing = stuffingOf(given.space, [channels, given.multiplier]);
    return dilated(plainDepthwise(given), stuffing, runDepthwiseConv2d({ strides, padding }));
  },
);

const averages = identityOf(
  'avgPool2d() inside the image is depthwiseConv2d() with equal weights',
  spreads,
  (drawn) => {
    const { batch, size, groupIn: channels, strides, seed } = drawn;
    const kernel = [Math.min(drawn.kernel[0], size[0]), Math.min(drawn.kernel[1], size[1])] as const;
    const inputs = {
      x: new Random(seed).array([batch, ...size, channels]),
      filter: array64([...kernel, channels, 1], () => Math.fround(1 / (kernel[0] * kernel[1]))),
    };
    const op = caseOf(
      {
        inputs,
        oracle: (given) => depthwiseConv2d(given, { strides }),
        gradients: (given, dy) => depthwiseConv2dGradients(given, dy, { strides }),
        run: () => runDepthwiseConv2d({ strides }),
      },
      PLAIN,
      seed,
    );
    return {
      op: { ...op, differentiable: ['x'] },
      other: {
        inputs: { x: inputs.x },
        run: ({ x }) => conv.avgPool2d(x as tf.Tensor4D, { poolSize: kernel, strides }),
      },
    };
  },
);

export const IDENTITIES: readonly AnyIdentity[] = [
  zeroOffsets,
  zeroOffsetsDepthwise,
  zeroOffsetsV3,
  groupedDepthwise,
  transposedGradient,
  stuffedConv2d,
  stuffedDepthwise,
  averages,
];
