/**
 * Planes to which the samples of an image gradient are added: one for each image and offset group, with a margin of one
 * pixel. The quads of a pixel are a square of texels, so that the four pixels of a sample are a square too.
 */
import * as tf from '@tensorflow/tfjs';
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { canBlend } from '../../backends/webgl/scatter.js';
import { shader } from '../../backends/webgl/shader.js';
import type { DeformGeometry } from './kernels.js';

/** Planes of an image gradient, `across` × `down`, each with a square of `side` × `side` texels for a pixel. */
export interface Planes {
  readonly side: number;
  readonly across: number;
  readonly down: number;
}

/** Lays out the planes; undefined if the device cannot blend floats, draw points of that size or hold the texture. */
export function planesOf(call: WebGLCall, g: DeformGeometry, quads: number): Planes | undefined {
  if (!canBlend(call)) return undefined;
  const side = Math.ceil(Math.sqrt(quads));
  const { gl } = call.backend.gpgpu;
  const [, largest] = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE) as Float32Array;
  const longest = tf.env().getNumber('WEBGL_MAX_TEXTURE_SIZE');
  const count = Math.max(g.batch * g.offsetGroups, 1);
  const across = Math.min(count, Math.floor(longest / ((g.inWidth + 2) * side)));
  if (across === 0 || 2 * side > largest!) return undefined;
  const down = Math.ceil(count / across);
  return down * (g.inHeight + 2) * side <= longest ? { side, across, down } : undefined;
}

/** The image gradient from the planes, as quads. */
export const imageShader = shader(
  'texels',
  { planes: 'blocks' },
  ['inHeight', 'inWidth', 'offsetGroups', 'quads', 'side', 'across'],
  `
vec4 value(int index) {
  int row = quotient(index, quads);
  int quad = index - row * quads;
  int pixel = quotient(row, offsetGroups);
  int line = quotient(pixel, inWidth);
  int image = quotient(line, inHeight);
  int plane = image * offsetGroups + row - pixel * offsetGroups;
  int planeLine = quotient(plane, across);
  ivec2 corner = ivec2(plane - planeLine * across, planeLine) * ivec2(inWidth + 2, inHeight + 2);
  int y = quotient(quad, side);
  ivec2 at = corner + ivec2(pixel - line * inWidth, line - image * inHeight) + 1;
  return texelFetch(planesTexture, at * side + ivec2(quad - y * side, y), 0);
}`,
);
