/**
 * Lanes: the neighbouring channels that a thread works on at once. Where all numbers of channels are multiples of four,
 * tensors are read as arrays of vec4; the same code, with other types, takes one channel at a time elsewhere.
 */
import type { ConvGeometry } from '../../kernel/geometry.js';
import type { Shader } from './adapter.js';

/** Number of channels. */
export type Lanes = 1 | 4;

/** The type of a value in WGSL. */
export const TYPES = { 1: 'f32', 4: 'vec4<f32>' } as const satisfies Record<Lanes, string>;

/** Makes a shader for each number of lanes. */
export function byLanes(make: (lanes: Lanes) => Shader): Readonly<Record<Lanes, Shader>> {
  return { 1: make(1), 4: make(4) };
}

/** Names of those arrays that are read as vec4. */
export function vectorsOf(lanes: Lanes, names: readonly string[]): readonly string[] {
  return lanes === 4 ? names : [];
}

/** Returns 4 if that divides all numbers. */
export function lanesOf(...channels: readonly number[]): Lanes {
  return channels.every((count) => count % 4 === 0) ? 4 : 1;
}

/** Lanes of a depthwise convolution: neighbours only where each channel has one filter. */
export function depthwiseLanes({ inChannels, outChannels }: ConvGeometry): Lanes {
  return inChannels === outChannels ? lanesOf(inChannels) : 1;
}
