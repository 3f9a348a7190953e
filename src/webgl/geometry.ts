/** Uniforms and functions of the sliding window that shaders share. */
import type { ConvGeometry } from '../ops/geometry.js';

/** The fields of a geometry that are uniforms, under their own names. */
export const GEOMETRY = [
  'inHeight',
  'inWidth',
  'inChannels',
  'outHeight',
  'outWidth',
  'outChannels',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
  'padTop',
  'padLeft',
  'groups',
] as const satisfies readonly (keyof ConvGeometry)[];

/** Image, and the pixel that tap (0, 0) of an output position stands on. */
export const ORIGIN = `
ivec3 originOf(int position) {
  int row = position / outWidth;
  return ivec3(
    row / outHeight,
    row % outHeight * strideHeight - padTop,
    position % outWidth * strideWidth - padLeft
  );
}`;
