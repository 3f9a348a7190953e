/** Geometry of a convolution for its shaders: one uniform per number. */
import { FUSED_ACTIVATIONS } from '../../kernel/fused_activation.js';
import { GEOMETRY_FIELDS, type ConvGeometry } from '../../kernel/geometry.js';
import type { Uniforms } from './adapter.js';

/** Names of the uniforms returned by {@link geometryUniforms}. */
export const GEOMETRY = [...GEOMETRY_FIELDS, 'positions', 'taps', 'groupIn', 'groupOut'] as const;

/** Number of output positions. */
export function positionsOf(g: ConvGeometry): number {
  return g.batch * g.outHeight * g.outWidth;
}

/** Number of taps. */
export function tapsOf(g: ConvGeometry): number {
  return g.kernelHeight * g.kernelWidth;
}

/** All numbers of the geometry, the code of the activation among them, and some derived ones. */
export function geometryUniforms(g: ConvGeometry): Uniforms {
  return {
    ...g,
    activation: FUSED_ACTIVATIONS.indexOf(g.activation ?? 'linear'),
    positions: positionsOf(g),
    taps: tapsOf(g),
    groupIn: g.inChannels / g.groups,
    groupOut: g.outChannels / g.groups,
  };
}
