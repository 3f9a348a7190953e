/** Random inputs of the right shapes for each operator. */
import { array64 } from '../oracle/array64.js';
import { axisOf, type Window } from '../oracle/window.js';
import type { Conv2DInputs } from '../oracle/conv2d.js';
import type { Conv2DTransposeInputs, Conv2DTransposeOptions } from '../oracle/conv2d_transpose.js';
import type { DeformConv2DInputs, DeformConv2DOptions } from '../oracle/deform_conv2d.js';
import { tapsOf, type DeformConv2DV3Inputs, type DeformConv2DV3Options } from '../oracle/deform_conv2d_v3.js';
import type { DepthwiseConv2DInputs } from '../oracle/depthwise_conv2d.js';
import { Random } from './random.js';

export type Shape4 = readonly [number, number, number, number];

/** x [n, h, w, c], filter [kh, kw, c / groups, outChannels] and, by default, a bias. */
export function conv2dInputs(seed: number, x: Shape4, filter: Shape4, { bias = true } = {}): Conv2DInputs {
  const random = new Random(seed);
  const inputs = { x: random.array(x), filter: random.array(filter) };
  return bias ? { ...inputs, bias: random.array([filter[3]]) } : inputs;
}

/** x [n, h, w, c], filter [kh, kw, outChannels / groups, c] and, by default, a bias. */
export function conv2dTransposeInputs(
  seed: number,
  x: Shape4,
  filter: Shape4,
  { groups = 1 }: Conv2DTransposeOptions,
  { bias = true } = {},
): Conv2DTransposeInputs {
  const random = new Random(seed);
  const inputs = { x: random.array(x), filter: random.array(filter) };
  return bias ? { ...inputs, bias: random.array([filter[2] * groups]) } : inputs;
}

/** x [n, h, w, c], filter [kh, kw, c, multiplier] and, by default, a bias. */
export function depthwiseInputs(seed: number, x: Shape4, filter: Shape4, { bias = true } = {}): DepthwiseConv2DInputs {
  const random = new Random(seed);
  const inputs = { x: random.array(x), filter: random.array(filter) };
  return bias ? { ...inputs, bias: random.array([filter[2] * filter[3]]) } : inputs;
}

/** [n, outHeight, outWidth] of a window over an image. */
export function outputGrid(x: Shape4, filter: Shape4, window: Window): readonly [number, number, number] {
  return [x[0], axisOf(0, x[1], filter[0], window).output, axisOf(1, x[2], filter[1], window).output];
}

/** Inputs of deformConv2d, with offsets of up to `reach` pixels, away from integers. */
export function deformInputs(
  seed: number,
  x: Shape4,
  filter: Shape4,
  options: DeformConv2DOptions,
  { mask = true, bias = true, reach = 2 } = {},
): DeformConv2DInputs {
  const random = new Random(seed);
  const grid = outputGrid(x, filter, options);
  const samples = (options.offsetGroups ?? 1) * filter[0] * filter[1];
  return {
    x: random.array(x),
    offset: random.offsets([...grid, samples * 2], reach),
    filter: random.array(filter),
    ...(mask && { mask: random.array([...grid, samples], 0, 1) }),
    ...(bias && { bias: random.array([filter[3]]) }),
  };
}

/**
 * Inputs of deformConv2dV3. The scale of grid and offsets must be a power of two; then every sample is at least an
 * eighth of a pixel away from integers.
 */
export function deformV3Inputs(
  seed: number,
  x: Shape4,
  options: DeformConv2DV3Options,
  { reach = 2 } = {},
): DeformConv2DV3Inputs {
  const random = new Random(seed);
  const { groups, offsetScale } = options;
  const grid = outputGrid(x, [...options.kernelSize, 0, 0], options);
  const samples = groups * tapsOf(options).length;
  // The scaled grid itself can be off by half a pixel.
  const fractions = [0.125, 0.1875, 0.25, 0.3125, 0.375, 0.625, 0.6875, 0.75, 0.8125, 0.875];
  return {
    x: random.array(x),
    offset: array64([...grid, samples * 2], () => {
      const distance = random.integer(-reach, reach - 1) + fractions[random.integer(0, fractions.length - 1)]!;
      return distance / offsetScale;
    }),
    mask: random.array([...grid, samples]),
  };
}
