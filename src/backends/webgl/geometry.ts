/** Uniforms and functions of the sliding window, shared by shaders. */
export { GEOMETRY_FIELDS as GEOMETRY } from '../../kernel/geometry.js';

/** Image of an output position, and the pixel of its tap (0, 0). */
export const ORIGIN = `
ivec3 originOf(int position) {
  int row = position / outWidth;
  return ivec3(
    row / outHeight,
    row % outHeight * strideHeight - padTop,
    position % outWidth * strideWidth - padLeft
  );
}`;
