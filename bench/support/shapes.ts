/** Shapes shared by several questions: 3×3 kernels, stride 1, batch 1, more channels as feature maps shrink. */
import type { Inputs, Params, Side } from './question.js';

export interface Shape {
  readonly side: number;
  readonly channels: number;
}

/** Shapes of dense convolutions. */
export const DENSE = [
  { side: 56, channels: 64 },
  { side: 28, channels: 128 },
  { side: 14, channels: 256 },
] as const satisfies readonly Shape[];

/** Shapes of depthwise convolutions. */
export const DEPTHWISE = [
  { side: 56, channels: 64 },
  { side: 28, channels: 128 },
  { side: 14, channels: 512 },
] as const satisfies readonly Shape[];

export const titleOf = ({ side, channels }: Shape): string => `${side}²×${channels}`;

/** Workloads with gradients, and their titles. */
export const GRADIENTS = { gradients: true } as const satisfies Params;

const square = ({ side }: Shape, channels: number): readonly number[] => [1, side, side, channels];

/** Image, filter and `dy` of a plain convolution, optionally with a different number of output channels. */
export function convInputs(shape: Shape, { out = shape.channels, groups = 1, kernel = 3 } = {}): Inputs {
  const fanIn = (kernel * kernel * shape.channels) / groups;
  return {
    x: { shape: square(shape, shape.channels) },
    filter: { shape: [kernel, kernel, shape.channels / groups, out], scale: fanIn ** -0.5 },
    dy: { shape: square(shape, out) },
  };
}

/** Image, filter and `dy` of a depthwise convolution. */
export function depthwiseInputs(shape: Shape): Inputs {
  return {
    x: { shape: square(shape, shape.channels) },
    filter: { shape: [3, 3, shape.channels, 1], scale: 1 / 3 },
    dy: { shape: square(shape, shape.channels) },
  };
}

/** Inputs of a modulated deformable convolution, dense or depthwise; offsets are normal with the given scale in pixels. */
export function deformInputs(shape: Shape, { depthwise = false, batch = 1, magnitude = 1 } = {}): Inputs {
  const { side, channels } = shape;
  const groupChannels = depthwise ? 1 : channels;
  const image = { shape: [batch, side, side, channels] };
  return {
    x: image,
    offset: { shape: [batch, side, side, 18], scale: magnitude },
    filter: { shape: [3, 3, groupChannels, channels], scale: (9 * groupChannels) ** -0.5 },
    mask: { shape: [batch, side, side, 9], fill: 'uniform' },
    dy: image,
  };
}

/** Runs a peer with one and with two threads, of which the better one counts. */
export function bothThreads(key: string, side: Omit<Side, 'threads'>): Record<string, Side> {
  return { [`${key}1`]: { ...side, threads: 1 }, [`${key}2`]: { ...side, threads: 2 } };
}
