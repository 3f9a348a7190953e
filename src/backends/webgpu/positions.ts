/** Output positions of a convolution, in WGSL. */

/**
 * `openPosition(position)` sets the image `batch` of an output position and the pixel (originY, originX) of its first
 * tap, which may lie outside the image.
 */
export const POSITIONS = `
  var<private> position : i32;
  var<private> batch : i32;
  var<private> originY : i32;
  var<private> originX : i32;

  fn openPosition(next : i32) {
    let line = next / uniforms.outWidth;
    position = next;
    batch = line / uniforms.outHeight;
    originY = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
    originX = (position - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;
  }`;
