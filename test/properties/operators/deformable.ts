/**
 * deformConv2d (dense, grouped, depthwise; with and without mask) and deformConv2dV3. Positions are exact in float32:
 * every offset is a multiple of 1/16 or so, so that no backend puts a sample on the other side of a pixel, and samples
 * do lie exactly on pixels and edges, where slopes jump.
 */
import fc from 'fast-check';
import { array64, type Array64 } from '../../oracle/array64.js';
import {
  deformConv2d,
  deformConv2dGradients,
  type DeformConv2DInputs,
  type DeformConv2DOptions,
} from '../../oracle/deform_conv2d.js';
import {
  deformConv2dV3,
  deformConv2dV3Gradients,
  tapsOf,
  type DeformConv2DV3Inputs,
  type DeformConv2DV3Options,
} from '../../oracle/deform_conv2d_v3.js';
import { axisOf } from '../../oracle/window.js';
import type { Inputs } from '../../support/gradient_check.js';
import { deformInputs, outputGrid, type Shape4 } from '../../support/inputs.js';
import { runDeformConv2d, runDeformConv2dV3 } from '../../support/ops.js';
import { Random } from '../../support/random.js';
import { between, fitting, poisons, spreads, type Space, type Spread } from '../arbitraries.js';
import { absolute, magnitudes, property, type AnyProperty, type PropertyCase, type Truth } from '../property.js';
import { poisoned } from './convolutions.js';

/**
 * Sampling locations: on the grid itself, a few sixteenths from it, on and next to every edge of the image, outside any
 * image, or anywhere away from pixels.
 */
const KINDS = ['zero', 'sixteenths', 'edges', 'nowhere', 'mixed', 'anywhere'] as const;
type Kind = (typeof KINDS)[number];

const NOWHERE = [NaN, Infinity, -Infinity, 1e9, -1e9, 3e38, -3e38, 2 ** 31, -(2 ** 31), 2 ** 32];

/** A position on, just before or just behind an edge of an axis. */
function edgePosition(random: Random, size: number): number {
  const edge = [-1, 0, 1, size - 1, size, size + 1][random.integer(0, 5)]!;
  return edge + random.integer(-1, 1) * 2 ** -12;
}

/** One coordinate of an offset. */
function offsetOf(random: Random, kind: Kind, grid: number, size: number): number {
  switch (kind) {
    case 'zero':
      return 0;
    case 'sixteenths':
      return random.integer(-48, 48) / 16;
    case 'edges':
      return edgePosition(random, size) - grid;
    case 'nowhere':
      return random.integer(0, 1) === 0
        ? NOWHERE[random.integer(0, NOWHERE.length - 1)]!
        : random.integer(-32, 32) / 16;
    case 'mixed':
      return offsetOf(random, KINDS[random.integer(0, 3)]!, grid, size);
    case 'anywhere':
      return Math.fround(random.integer(-3, 2) + random.uniform(0.1, 0.9));
  }
}

/** Offsets [n, oh, ow, groups · taps · 2] of a kind; `gridOf` is the location of a tap without offset. */
function offsets(
  random: Random,
  kind: Kind,
  outputShape: readonly [number, number, number],
  groups: number,
  taps: readonly (readonly [number, number])[],
  size: readonly [number, number],
  gridOf: (axis: 0 | 1, output: number, tap: number) => number,
): Array64 {
  return array64([...outputShape, groups * taps.length * 2], (index) => {
    const axis = (index % 2) as 0 | 1;
    const tap = taps[Math.floor(index / 2) % taps.length]!;
    const pixel = Math.floor(index / (groups * taps.length * 2));
    const output = axis === 0 ? Math.floor(pixel / outputShape[2]) % outputShape[1] : pixel % outputShape[2];
    return offsetOf(random, kind, gridOf(axis, output, tap[axis]), size[axis]);
  });
}

interface DeformSpec {
  readonly space: Spread;
  readonly offsetGroups: number;
  readonly kind: Kind;
  readonly mask: boolean;
  readonly bias: boolean;
  readonly poison: number | undefined;
}

const deformSpecs = fc.record({
  space: spreads,
  offsetGroups: between(1, 4),
  kind: fc.constantFrom(...KINDS),
  mask: fc.boolean(),
  bias: fc.boolean(),
  poison: poisons,
});

/** The largest number of at most `limit` that divides. */
export function divisor(of: number, limit: number): number {
  return of % limit === 0 ? limit : divisor(of, limit - 1);
}

function build(spec: DeformSpec, filter: Shape4, inChannels: number, groups: number): PropertyCase {
  const { space, kind } = spec;
  const { strides, dilations, padding, seed, size } = space;
  const offsetGroups = divisor(inChannels, spec.offsetGroups);
  const options: DeformConv2DOptions = { strides, dilations, padding, groups, offsetGroups };
  const x: Shape4 = [space.batch, ...size, inChannels];
  const random = new Random(seed + 1);
  const [height, width] = [filter[0], filter[1]];
  const taps = Array.from({ length: height * width }, (_, tap) => [Math.floor(tap / width), tap % width] as const);
  const axes = [axisOf(0, size[0], height, options), axisOf(1, size[1], width, options)] as const;
  const offset = offsets(
    random,
    kind,
    outputGrid(x, filter, options),
    offsetGroups,
    taps,
    size,
    (axis, output, tap) => {
      const { stride, before, dilation } = axes[axis];
      return output * stride - before + tap * dilation;
    },
  );
  const plain = { ...deformInputs(seed, x, filter, options, { mask: spec.mask, bias: spec.bias }), offset };
  const inputs = poisoned(spec.mask ? withIdleMask(plain, seed) : plain, spec.poison, seed);
  return {
    inputs,
    run: runDeformConv2d(options),
    oracle: (given) => deformConv2d(given as DeformConv2DInputs, options),
    gradients: (given, dy) => deformConv2dGradients(given as DeformConv2DInputs, dy, options),
    differentiable: Object.keys(inputs),
    linear: ['x', 'filter', 'mask'],
    kinks: ['offset'],
    items: spec.mask ? ['x', 'offset', 'mask'] : ['x', 'offset'],
    magnitude: (given, dy) => {
      const positive = absolute(given, ['offset']) as DeformConv2DInputs;
      return {
        y: deformConv2d(positive, options),
        gradients: deformConv2dGradients(positive, magnitudes(dy), options, { absolute: true }),
      };
    },
  };
}

/** In every other case, NaN weights for samples outside the image, which must not count. */
function withIdleMask(inputs: DeformConv2DInputs, seed: number): DeformConv2DInputs {
  const { mask, offset } = inputs;
  if (!mask || seed % 2 === 0) return inputs;
  return {
    ...inputs,
    mask: array64(mask.shape, (index) =>
      Number.isFinite(offset.data[2 * index]!) && Number.isFinite(offset.data[2 * index + 1]!)
        ? mask.data[index]!
        : NaN,
    ),
  };
}

const deformConv2dProperty = property({
  title: 'deformConv2d()',
  operators: ['deformConv2d', 'biasAdd'],
  specs: deformSpecs,
  build: (spec) => {
    const { kernel, groups, groupIn, groupOut } = spec.space;
    return build(spec, [...kernel, groupIn, groups * groupOut], groups * groupIn, groups);
  },
});

const deformDepthwiseProperty = property({
  title: 'depthwise deformConv2d()',
  operators: ['deformConv2d', 'biasAdd'],
  specs: fc.record({
    spec: deformSpecs,
    multiplier: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, between(2, 4)),
  }),
  build: ({ spec, multiplier }) => {
    const { kernel, groupIn: channels } = spec.space;
    return build(spec, [...kernel, 1, channels * multiplier], channels, channels);
  },
});

interface V3Spec {
  readonly space: Spread;
  readonly kind: Kind;
  readonly offsetScale: number;
  readonly removeCenter: boolean;
  readonly softmax: boolean;
  readonly poison: number | undefined;
}

/** Makes kernels odd if the centre is omitted. */
export function v3Space({ space, removeCenter }: Pick<V3Spec, 'space' | 'removeCenter'>): Space {
  const odd = (size: number): number => (removeCenter && size % 2 === 0 ? size - 1 : size);
  return fitting({ ...space, kernel: [odd(space.kernel[0]), odd(space.kernel[1])] });
}

const deformConv2dV3Property = property({
  title: 'deformConv2dV3()',
  operators: ['deformConv2d', 'deformTaps'],
  specs: fc.record({
    space: spreads,
    kind: fc.constantFrom(...KINDS),
    // Powers of two, which keep positions exact.
    offsetScale: fc.constantFrom(1, 2, 0.5, 0.25, -1),
    removeCenter: fc.boolean(),
    softmax: fc.boolean(),
    poison: poisons,
  }),
  build: (spec) => {
    const { batch, size, kernel, strides, dilations, padding } = v3Space(spec);
    const { space, kind, offsetScale, removeCenter, softmax } = spec;
    const { seed, groups, groupIn } = space;
    const options: DeformConv2DV3Options = {
      ...{ kernelSize: kernel, strides, dilations, padding },
      ...{ groups, offsetScale, removeCenter, softmax },
    };
    const random = new Random(seed);
    const x: Shape4 = [batch, ...size, groups * groupIn];
    const outputShape = outputGrid(x, [...kernel, 0, 0], options);
    const taps = tapsOf(options);
    const axes = [axisOf(0, size[0], kernel[0], options), axisOf(1, size[1], kernel[1], options)] as const;
    const grid = (axis: 0 | 1, output: number, tap: number): number => {
      const { stride, before, dilation } = axes[axis];
      const half = (dilation * (kernel[axis] - 1)) >> 1;
      return half - before + output * stride - half * offsetScale + tap * dilation * offsetScale;
    };
    // Offsets are stretched too; away from pixels they stay so only as multiples of what float32 adds exactly.
    const shape = [kind === 'anywhere' ? 'sixteenths' : kind, outputShape, groups, taps, size, grid] as const;
    const stretched = offsets(random, ...shape);
    const offset = array64(stretched.shape, (index) => Math.fround(stretched.data[index]! / offsetScale));
    const mask = random.array([...outputShape, groups * taps.length], -2, 2);
    const inputs: Inputs = poisoned({ x: random.array(x), offset, mask }, spec.poison, seed);
    const typed = (given: Inputs): DeformConv2DV3Inputs => given as unknown as DeformConv2DV3Inputs;
    return {
      inputs,
      run: runDeformConv2dV3(options),
      oracle: (given) => deformConv2dV3(typed(given), options),
      gradients: (given, dy) => deformConv2dV3Gradients(typed(given), dy, options),
      differentiable: ['x', 'offset', 'mask'],
      linear: softmax ? ['x'] : ['x', 'mask'],
      kinks: ['offset'],
      items: ['x', 'offset', 'mask'],
      magnitude: (given, dy): Truth => {
        // Logits keep their signs; weights lose them.
        const positive = typed(absolute(given, softmax ? ['offset', 'mask'] : ['offset']));
        return {
          y: deformConv2dV3(positive, options),
          gradients: { ...deformConv2dV3Gradients(positive, magnitudes(dy), options, { absolute: true }) },
        };
      },
    };
  },
});

export const DEFORMABLE_PROPERTIES: readonly AnyProperty[] = [
  deformConv2dProperty,
  deformDepthwiseProperty,
  deformConv2dV3Property,
];
