/**
 * Plain and deformable convolution: gather a tile of columns, multiply. The input gradient is the same product with a
 * transposed operand and the adjoint gather; the filter gradient is in convolution_filter.ts.
 */
import { finishRows } from './bias';
import { blockSize, columnStride, isPointwise, Tile, TILE_BYTES, tileRows } from './columns';
import { leftSize, pack, packedSize, packTransposed, Product, product, PRODUCT_BYTES } from './gemm';
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';
import { gatherGrid, scatterGrid } from './grid';
import { isNarrow, narrowBackwardInput, narrowForward, narrowScratch } from './narrow_groups';
import { Operands } from './operands';
import { gatherSamples, planBytes, scatterSamples } from './samples';
import { repairRows } from './unread_samples';

/** Layout of the scratch memory, which starts with a {@link Product}; the packed operand comes last. */
@inline
function tileAt(scratch: u64): u64 {
  return scratch + PRODUCT_BYTES;
}

@inline
function planAt(scratch: u64): u64 {
  return tileAt(scratch) + TILE_BYTES;
}

@inline
function flagsAt(g: Geometry, scratch: u64): u64 {
  return planAt(scratch) + ((planBytes(g) + 15) & ~15);
}

@inline
function columnsAt(g: Geometry, scratch: u64): u64 {
  return flagsAt(g, scratch) + ((tileRows(g) + 15) & ~15);
}

@inline
function leftAt(g: Geometry, scratch: u64): u64 {
  return columnsAt(g, scratch) + ((<u64>g.groups * blockSize(g, tileRows(g))) << 2);
}

@inline
function operandAt(g: Geometry, scratch: u64): u64 {
  return leftAt(g, scratch) + (leftSize(tileRows(g), max(tapsOf(g) * groupInOf(g), groupOutOf(g))) << 2);
}

/** Scratch memory in bytes for both functions below. */
export function convolutionScratch(g: Geometry): f64 {
  if (isNarrow(g)) return <f64>narrowScratch(g);
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const operand = max(packedSize(inner, outer), packedSize(outer, inner));
  return <f64>(operandAt(g, 0) + ((<u64>g.groups * operand) << 2));
}

/** The same for calls whose filter is packed already. */
export function convolutionTileScratch(g: Geometry): f64 {
  return isNarrow(g) ? <f64>narrowScratch(g) : <f64>operandAt(g, 0);
}

@inline
function tileOf(g: Geometry, scratch: usize): Tile {
  const tile = changetype<Tile>(<usize>tileAt(scratch));
  tile.columns = <usize>columnsAt(g, scratch);
  tile.block = <i32>blockSize(g, tileRows(g));
  tile.top = 0;
  tile.bottom = tapsOf(g) * groupInOf(g);
  tile.plan = <usize>planAt(scratch);
  tile.flags = <usize>flagsAt(g, scratch);
  return tile;
}

/** Size in bytes of the packed filter of a forward pass; 0 if it uses the filter as it is. */
export function packedFilterBytes(g: Geometry): f64 {
  if (isNarrow(g)) return 0;
  return <f64>((<u64>g.groups * packedSize(tapsOf(g) * groupInOf(g), groupOutOf(g))) << 2);
}

/** Packs the filter of a forward pass, group by group. */
export function packFilter(g: Geometry, filter: usize, target: usize): void {
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const bytes = <usize>(packedSize(inner, outer) << 2);
  for (let group = 0; group < g.groups; group++, target += bytes) {
    pack(filter + ((<usize>(group * outer)) << 2), g.outChannels, inner, outer, target);
  }
}

/** Size in bytes of the packed filter of an input gradient; 0 if it uses the filter as it is. */
export function packedTransposeBytes(g: Geometry): f64 {
  if (isNarrow(g)) return 0;
  return <f64>((<u64>g.groups * packedSize(groupOutOf(g), tapsOf(g) * groupInOf(g))) << 2);
}

/** Packs the filter of an input gradient, group by group. */
export function packTranspose(g: Geometry, filter: usize, target: usize): void {
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const bytes = <usize>(packedSize(outer, inner) << 2);
  for (let group = 0; group < g.groups; group++, target += bytes) {
    packTransposed(filter + ((<usize>(group * outer)) << 2), g.outChannels, outer, inner, target);
  }
}

/** y = activation(convolution of x with filter + bias). */
export function convolutionForward(o: Operands): void {
  const g = o.geometry;
  if (isNarrow(g)) {
    narrowForward(o);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const operandBytes = <usize>(packedSize(inner, outer) << 2);
  let operand = o.packed;
  if (!operand) {
    operand = <usize>operandAt(g, o.scratch);
    packFilter(g, o.filter, operand);
  }
  const direct = isPointwise(g);
  const tile = tileOf(g, o.scratch);
  const p = changetype<Product>(o.scratch);
  p.inner = inner;
  p.columns = outer;
  p.aPitch = (<usize>(direct ? g.inChannels : columnStride(g))) << 2;
  p.cPitch = (<usize>g.outChannels) << 2;
  p.left = <usize>leftAt(g, o.scratch);
  const rows = tileRows(g);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    tile.first = first;
    tile.count = count;
    p.rows = count;
    if (o.offset) gatherSamples(o, tile);
    else if (!direct) gatherGrid(g, o.x, tile);
    const y = o.y + <usize>first * p.cPitch;
    for (let group = 0; group < g.groups; group++) {
      const a = direct
        ? o.x + ((<usize>first * g.inChannels + group * inner) << 2)
        : tile.columns + ((<usize>(group * tile.block)) << 2);
      product(p, a, operand + <usize>group * operandBytes, y + ((<usize>(group * outer)) << 2));
    }
    if (o.offset) repairRows(o, tile);
    finishRows(y, o.bias, count, g.outChannels, g.activation);
  }
}

/** Computes dx and, for a deformable convolution, doffset and (if there is a mask) dmask. All are overwritten. */
export function convolutionBackwardData(o: Operands): void {
  const g = o.geometry;
  if (isNarrow(g)) {
    narrowBackwardInput(o);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const operandBytes = <usize>(packedSize(outer, inner) << 2);
  let operand = o.packed;
  if (!operand) {
    operand = <usize>operandAt(g, o.scratch);
    packTranspose(g, o.filter, operand);
  }
  const direct = isPointwise(g);
  if (!direct) memory.fill(o.dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * g.inChannels) << 2);
  const tile = tileOf(g, o.scratch);
  const p = changetype<Product>(o.scratch);
  p.inner = outer;
  p.columns = inner;
  p.aPitch = (<usize>g.outChannels) << 2;
  p.cPitch = (<usize>(direct ? g.inChannels : columnStride(g))) << 2;
  p.left = <usize>leftAt(g, o.scratch);
  const rows = tileRows(g);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    tile.first = first;
    tile.count = count;
    p.rows = count;
    for (let group = 0; group < g.groups; group++) {
      const a = o.dy + ((<usize>first * g.outChannels + group * outer) << 2);
      const c = direct
        ? o.dx + ((<usize>first * g.inChannels + group * inner) << 2)
        : tile.columns + ((<usize>(group * tile.block)) << 2);
      product(p, a, operand + <usize>group * operandBytes, c);
    }
    if (o.offset) scatterSamples(o, tile);
    else if (!direct) scatterGrid(g, o.dx, tile);
  }
}
