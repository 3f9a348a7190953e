/** Random inputs of the right shapes for each operator. */
import { axisOf, type Window } from '../oracle/window.js';
import type { Conv2DInputs } from '../oracle/conv2d.js';
import type { DeformConv2DInputs, DeformConv2DOptions } from '../oracle/deform_conv2d.js';
import type { DepthwiseConv2DInputs } from '../oracle/depthwise_conv2d.js';
import { Random } from './random.js';

export type Shape4 = readonly [number, number, number, number];

/** x [n, h, w, c], filter [kh, kw, c / groups, outChannels] and, unless told not to, a bias. */
export function conv2dInputs(seed: number, x: Shape4, filter: Shape4, { bias = true } = {}): Conv2DInputs {
  const random = new Random(seed);
  const inputs = { x: random.array(x), filter: random.array(filter) };
  return bias ? { ...inputs, bias: random.array([filter[3]]) } : inputs;
}

/** x [n, h, w, c], filter [kh, kw, c, multiplier] and, unless told not to, a bias. */
export function depthwiseInputs(seed: number, x: Shape4, filter: Shape4, { bias = true } = {}): DepthwiseConv2DInputs {
  const random = new Random(seed);
  const inputs = { x: random.array(x), filter: random.array(filter) };
  return bias ? { ...inputs, bias: random.array([filter[2] * filter[3]]) } : inputs;
}

/** [n, outHeight, outWidth] of a window over an image. */
export function outputPlace(x: Shape4, filter: Shape4, window: Window): readonly [number, number, number] {
  return [x[0], axisOf(0, x[1], filter[0], window).output, axisOf(1, x[2], filter[1], window).output];
}

/** What deformConv2d takes, with offsets of up to `reach` pixels that keep away from integers. */
export function deformInputs(
  seed: number,
  x: Shape4,
  filter: Shape4,
  options: DeformConv2DOptions,
  { mask = true, bias = true, reach = 2 } = {},
): DeformConv2DInputs {
  const random = new Random(seed);
  const place = outputPlace(x, filter, options);
  const samples = (options.offsetGroups ?? 1) * filter[0] * filter[1];
  return {
    x: random.array(x),
    offset: random.offsets([...place, samples * 2], reach),
    filter: random.array(filter),
    ...(mask && { mask: random.array([...place, samples], 0, 1) }),
    ...(bias && { bias: random.array([filter[3]]) }),
  };
}
