/**
 * Columns of a convolution in WGSL, read one by one: column tap · groupIn + channel of an output position is the value
 * that the tap reads from that channel of the group.
 */
import { POSITIONS } from './positions.js';

/**
 * For the channel group `group` and after `openPosition(position)`, `openColumn(column)` starts a row of columns and
 * `readColumn() -> u32` returns the next one, by the convention of matrix_product.ts. It requires `openTap() -> bool`,
 * true if the tap (tapY, tapX) reads anything; `value(c : i32) -> f32`, its value in channel c of the image; and
 * `divides(c : i32) -> bool`, true if the tap reads from another location from that channel on.
 */
export const STEPPING = `${POSITIONS}
  var<private> group : i32;
  var<private> channel : i32;
  var<private> tapY : i32;
  var<private> tapX : i32;
  // A tap is opened when its first column is read, at a single point of the code, so that it is compiled once.
  var<private> entering : bool;
  var<private> isRead : bool;

  fn openColumn(column : i32) {
    let tap = column / uniforms.groupIn;
    channel = column - tap * uniforms.groupIn;
    tapY = tap / uniforms.kernelWidth;
    tapX = tap - tapY * uniforms.kernelWidth;
    entering = true;
  }
  fn readColumn() -> u32 {
    if (entering) {
      isRead = false;
      if (position < uniforms.positions && tapY < uniforms.kernelHeight) {
        isRead = openTap();
      }
    }
    let c = group * uniforms.groupIn + channel;
    var bits = UNREAD;
    if (isRead) {
      bits = taken(value(c));
    }
    channel++;
    entering = channel == uniforms.groupIn || divides(c + 1);
    if (channel == uniforms.groupIn) {
      channel = 0;
      tapX++;
      if (tapX == uniforms.kernelWidth) {
        tapX = 0;
        tapY++;
      }
    }
    return bits;
  }`;

/** Columns of the regular grid. Reads `image`. */
export const GRID_COLUMNS = `${STEPPING}
  var<private> pixel : i32;

  fn openTap() -> bool {
    let y = originY + tapY * uniforms.dilationHeight;
    let x = originX + tapX * uniforms.dilationWidth;
    pixel = ((batch * uniforms.inHeight + y) * uniforms.inWidth + x) * uniforms.inChannels;
    return y >= 0 && y < uniforms.inHeight && x >= 0 && x < uniforms.inWidth;
  }
  fn divides(c : i32) -> bool {
    return false;
  }
  fn value(c : i32) -> f32 {
    return image[pixel + c];
  }`;
