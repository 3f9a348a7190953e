/**
 * Columns of a convolution in WGSL, read one by one: column tap · groupIn + channel of an output position is the value
 * that the tap reads from that channel of the group.
 */
import type { Precision } from '../../kernel/half.js';
import { reading } from './halves.js';
import { POSITIONS } from './positions.js';

/**
 * For the channel group `group` and after `openPosition(position)`, `openColumn(column)` starts a row of columns and
 * `readColumn() -> u32` returns the next one, by the convention of matrix_product.ts. It requires `openTap() -> bool`,
 * true if the tap (tapY, tapX) reads anything; `value(c : i32) -> f32`, its value in channel c of the image; and
 * `section(c : i32) -> i32`, which differs for channels that the tap reads from different locations.
 */
export const STEPPING = `${POSITIONS}
  var<private> group : i32;
  var<private> channel : i32;
  var<private> tapY : i32;
  var<private> tapX : i32;
  // A tap is opened when its first column is read, at a single point of the code, so that it is compiled once, and stays
  // open for a row of columns that goes on with it.
  var<private> entering : bool;
  var<private> isRead : bool;
  var<private> openedPosition : i32 = -1;
  var<private> openedY : i32;
  var<private> openedX : i32;
  var<private> openedSection : i32;

  fn openColumn(column : i32) {
    let tap = column / uniforms.groupIn;
    channel = column - tap * uniforms.groupIn;
    tapY = tap / uniforms.kernelWidth;
    tapX = tap - tapY * uniforms.kernelWidth;
    let isOpen = position == openedPosition && tapY == openedY && tapX == openedX;
    entering = !isOpen || section(group * uniforms.groupIn + channel) != openedSection;
  }
  fn readColumn() -> u32 {
    let c = group * uniforms.groupIn + channel;
    if (entering) {
      isRead = false;
      openedPosition = position;
      openedY = tapY;
      openedX = tapX;
      openedSection = section(c);
      if (position < uniforms.positions && tapY < uniforms.kernelHeight) {
        isRead = openTap();
      }
    }
    var bits = UNREAD;
    if (isRead) {
      bits = taken(value(c));
    }
    channel++;
    entering = channel == uniforms.groupIn || section(c + 1) != openedSection;
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

/** Columns of the regular grid. Reads `image`, which is stored in this precision. */
export const gridColumns = (image: Precision): string => `${STEPPING}
  ${reading('image', 1, image)}
  var<private> pixel : i32;

  fn openTap() -> bool {
    let y = originY + tapY * uniforms.dilationHeight;
    let x = originX + tapX * uniforms.dilationWidth;
    pixel = ((batch * uniforms.inHeight + y) * uniforms.inWidth + x) * uniforms.inChannels;
    return y >= 0 && y < uniforms.inHeight && x >= 0 && x < uniforms.inWidth;
  }
  fn section(c : i32) -> i32 {
    return 0;
  }
  fn value(c : i32) -> f32 {
    return imageAt(pixel + c);
  }`;
