/** Uniforms and functions of the sliding window, shared by shaders. */
export { GEOMETRY_FIELDS as GEOMETRY } from '../../kernel/geometry.js';

/** Image of an output position, and the pixel of its tap (0, 0). */
export const ORIGIN = `
ivec3 originOf(int position) {
  int row = quotient(position, outWidth);
  int n = quotient(row, outHeight);
  return ivec3(
    n,
    (row - n * outHeight) * strideHeight - padTop,
    (position - row * outWidth) * strideWidth - padLeft
  );
}`;
