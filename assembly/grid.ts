/** Gather of a plain convolution, whose taps lie on the grid, and its adjoint. */
import { columnStride, Tile } from './columns';
import { addFloats, clearFloats, copyFloats } from './floats';
import { Geometry, groupInOf } from './geometry';

/** Fills the kernel rows of the columns that a tile needs. */
export function gatherGrid(g: Geometry, x: usize, tile: Tile): void {
  walk(true, g, x, tile);
}

/** Adds the columns of a tile, which needs all of them, to the pixels that they were read from. */
export function scatterGrid(g: Geometry, dx: usize, tile: Tile): void {
  walk(false, g, dx, tile);
}

/** Both directions in one loop; inlined twice, so that the direction costs nothing. */
@inline
function walk(gather: bool, g: Geometry, image: usize, tile: Tile): void {
  const groupIn = groupInOf(g);
  const rowBytes = (<usize>columnStride(g)) << 2;
  const pixel = (<usize>g.inChannels) << 2;
  const tap = (<usize>groupIn) << 2;
  const block = (<usize>tile.block) << 2;
  const count = tile.count;
  const first = tile.first;
  const kernelRow = max(g.kernelWidth * groupIn, 1);
  const firstRow = tile.top / kernelRow;
  const endRow = (tile.bottom + kernelRow - 1) / kernelRow;
  let columns = tile.columns;
  // Taps of one kernel row are contiguous in the image: one run instead of kernelWidth.
  const runs = g.groups == 1 && g.dilationWidth == 1;
  let ox = first % g.outWidth;
  let oy = (first / g.outWidth) % g.outHeight;
  let n = first / (g.outWidth * g.outHeight);
  for (let row = 0; row < count; row++, columns += rowBytes) {
    const top = oy * g.strideHeight - g.padTop;
    const left = ox * g.strideWidth - g.padLeft;
    let to = columns + <usize>(firstRow * g.kernelWidth) * tap;
    for (let ky = firstRow; ky < endRow; ky++) {
      const iy = top + ky * g.dilationHeight;
      if (<u32>iy >= <u32>g.inHeight) {
        if (gather) {
          for (let group = 0; group < g.groups; group++) {
            clearFloats(to + <usize>group * block, g.kernelWidth * groupIn);
          }
        }
        to += <usize>g.kernelWidth * tap;
        continue;
      }
      const line = image + <usize>((n * g.inHeight + iy) * g.inWidth) * pixel;
      if (runs) {
        const before = min(max(-left, 0), g.kernelWidth);
        const after = max(min(g.inWidth - left, g.kernelWidth), before);
        const from = line + <usize>(left + before) * pixel;
        const at = to + <usize>before * tap;
        if (gather) {
          clearFloats(to, before * groupIn);
          copyFloats(from, at, (after - before) * groupIn);
          clearFloats(to + <usize>after * tap, (g.kernelWidth - after) * groupIn);
        } else {
          addFloats(at, from, (after - before) * groupIn);
        }
        to += <usize>g.kernelWidth * tap;
        continue;
      }
      for (let kx = 0; kx < g.kernelWidth; kx++, to += tap) {
        const ix = left + kx * g.dilationWidth;
        const inside = <u32>ix < <u32>g.inWidth;
        let from = line + <usize>ix * pixel;
        let at = to;
        for (let group = 0; group < g.groups; group++, at += block, from += tap) {
          if (groupIn == 4) {
            // The narrowest groups in published networks: one vector, for which loop overhead would dominate.
            if (gather) v128.store(at, inside ? v128.load(from) : f32x4.splat(0));
            else if (inside) v128.store(from, f32x4.add(v128.load(from), v128.load(at)));
          } else if (gather) {
            if (inside) copyFloats(from, at, groupIn);
            else clearFloats(at, groupIn);
          } else if (inside) {
            addFloats(at, from, groupIn);
          }
        }
      }
    }
    if (++ox == g.outWidth) {
      ox = 0;
      if (++oy == g.outHeight) {
        oy = 0;
        n++;
      }
    }
  }
}
