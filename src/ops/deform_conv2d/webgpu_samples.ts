/**
 * Bilinear samples of a deformable convolution, in WGSL. A tap lies on a whole pixel and is displaced by its offset; a
 * sample outside −1 < y < h, −1 < x < w is not read, nor is one whose offset is NaN or infinite. Compilers may assume
 * that there are no such values, so their bits are tested.
 */
import type { Uniforms } from '../../backends/webgpu/adapter.js';
import { GEOMETRY, geometryUniforms, tapsOf } from '../../backends/webgpu/geometry.js';
import { ATOMIC_ADD } from '../../backends/webgpu/atomic_add.js';
import { TYPES, type Lanes } from '../../backends/webgpu/lanes.js';
import type { DeformGeometry } from './kernels.js';

/** Names of the uniforms returned by {@link deformUniforms}. */
export const DEFORM_GEOMETRY = [...GEOMETRY, 'offsetGroups', 'offsetIn', 'samples', 'multiplier'] as const;

/**
 * `samples` is the number of samples per position, `offsetIn` the number of channels that share them. Numbers of
 * channels are those of lanes, but for those of the groups of a convolution.
 */
export function deformUniforms(g: DeformGeometry, lanes: Lanes = 1): Uniforms {
  return {
    ...geometryUniforms(g),
    inChannels: g.inChannels / lanes,
    outChannels: g.outChannels / lanes,
    offsetGroups: g.offsetGroups,
    offsetIn: g.inChannels / g.offsetGroups / lanes,
    samples: g.offsetGroups * tapsOf(g),
    multiplier: g.outChannels / g.inChannels,
  };
}

/**
 * `planTap(offsetGroup, tapY, tapX)` computes the sampling location of a tap of the current position (positions.ts).
 * Reads `offset` and, if there is one, `mask`; otherwise `modulation` is 1.
 */
export function sampling(modulated: boolean): string {
  return `
    var<private> inside : bool;
    var<private> modulation : f32;
    // Flat index of the first channel of the four corners: top left, top right, bottom left, bottom right; −1 outside.
    var<private> corners : vec4<i32>;
    var<private> cornerWeights : vec4<f32>;
    var<private> fractionY : f32;
    var<private> fractionX : f32;

    // True if an offset is 2³⁰ or more, infinite or NaN, by its exponent.
    fn isFar(shift : f32) -> bool {
      return (bitcast<u32>(shift) & 0x7fffffffu) >= 0x4e800000u;
    }
    fn corner(y : i32, x : i32) -> i32 {
      let outside = y < 0 || y >= uniforms.inHeight || x < 0 || x >= uniforms.inWidth;
      return select(((batch * uniforms.inHeight + y) * uniforms.inWidth + x) * uniforms.inChannels, -1, outside);
    }
    fn planTap(offsetGroup : i32, y : i32, x : i32) {
      let at = (position * uniforms.offsetGroups + offsetGroup) * uniforms.taps + y * uniforms.kernelWidth + x;
      let shiftY = offset[2 * at];
      let shiftX = offset[2 * at + 1];
      inside = false;
      if (isFar(shiftY) || isFar(shiftX)) {
        return;
      }
      // Only the offset has a fraction. Taken before anything is added, it keeps its precision far from the origin.
      let floorY = floor(shiftY);
      let floorX = floor(shiftX);
      fractionY = shiftY - floorY;
      fractionX = shiftX - floorX;
      let top = originY + y * uniforms.dilationHeight + i32(floorY);
      let left = originX + x * uniforms.dilationWidth + i32(floorX);
      let insideY = (top >= 0 || (top == -1 && fractionY > 0.0)) && top < uniforms.inHeight;
      let insideX = (left >= 0 || (left == -1 && fractionX > 0.0)) && left < uniforms.inWidth;
      if (!insideY || !insideX) {
        return;
      }
      inside = true;
      modulation = ${modulated ? 'mask[at]' : '1.0'};
      corners = vec4<i32>(
        corner(top, left),
        corner(top, left + 1),
        corner(top + 1, left),
        corner(top + 1, left + 1),
      );
      cornerWeights = vec4<f32>(
        (1.0 - fractionY) * (1.0 - fractionX),
        (1.0 - fractionY) * fractionX,
        fractionY * (1.0 - fractionX),
        fractionY * fractionX,
      );
    }`;
}

/** `around(channel)`: the pixels around a sample, 0 outside the image, and their mean. Reads `image`. */
export const sampleCorners = (lanes: Lanes): string => `
  struct Around {
    topLeft : ${TYPES[lanes]},
    topRight : ${TYPES[lanes]},
    bottomLeft : ${TYPES[lanes]},
    bottomRight : ${TYPES[lanes]},
  };
  fn pixelAt(at : i32, c : i32) -> ${TYPES[lanes]} {
    return select(image[max(at, 0) + c], ${TYPES[lanes]}(0.0), at < 0);
  }
  fn around(c : i32) -> Around {
    return Around(pixelAt(corners.x, c), pixelAt(corners.y, c), pixelAt(corners.z, c), pixelAt(corners.w, c));
  }
  fn blended(pixels : Around) -> ${TYPES[lanes]} {
    return cornerWeights.x * pixels.topLeft + cornerWeights.y * pixels.topRight
      + cornerWeights.z * pixels.bottomLeft + cornerWeights.w * pixels.bottomRight;
  }`;

/** Sum of the lanes of a value. */
export function total(lanes: Lanes, value: string): string {
  return lanes === 1 ? value : `dot(${value}, vec4<f32>(1.0))`;
}

/** `scatter(corner, channel, value)` adds to the atomic result, unless the corner lies outside. */
export function scatter(lanes: Lanes): string {
  const adds = ['x', 'y', 'z', 'w'].map((lane, j) => `add(4 * (at + c) + ${j}, value.${lane});`);
  return `${ATOMIC_ADD}
    fn scatter(at : i32, c : i32, value : ${TYPES[lanes]}) {
      if (at >= 0) {
        ${lanes === 1 ? 'add(at + c, value);' : adds.join('\n')}
      }
    }`;
}

/** Adds a column's `gradient` at channel c to `byY`, `byX` and, with a mask, `byMask`, and scatters it to the image. */
export const spread = (modulated: boolean): string => `
  let pixels = around(c);
  byY += gradient * mix(pixels.bottomLeft - pixels.topLeft, pixels.bottomRight - pixels.topRight, fractionX);
  byX += gradient * mix(pixels.topRight - pixels.topLeft, pixels.bottomRight - pixels.bottomLeft, fractionY);
  ${modulated ? 'byMask += gradient * blended(pixels);' : ''}
  let passed = modulation * gradient;
  scatter(corners.x, c, cornerWeights.x * passed);
  scatter(corners.y, c, cornerWeights.y * passed);
  scatter(corners.z, c, cornerWeights.z * passed);
  scatter(corners.w, c, cornerWeights.w * passed);`;
