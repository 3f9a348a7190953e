/** Uniforms and functions of the sliding window that shaders share. */
export { GEOMETRY_FIELDS as GEOMETRY } from '../../kernel/geometry.js';

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
