/**
 * Plain and deformable convolution: gather a tile of columns, multiply. The input gradient is the same product with a
 * transposed operand and the adjoint gather; the filter gradient is in convolution_filter.ts. `offset` is 0 for a plain
 * convolution, `mask` is 0 if there is none.
 */
import { finishRows } from './bias';
import { blockSize, columnStride, isPointwise, tileRows } from './columns';
import { EDGE_BYTES, leftSize, pack, packedSize, packTransposed, product } from './gemm';
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';
import { gatherGrid, scatterGrid } from './grid';
import { isNarrow, narrowBackwardInput, narrowForward, narrowScratch } from './narrow_groups';
import { gatherSamples, planBytes, scatterSamples } from './samples';
import { repairRows } from './unread_samples';

/** Layout of the scratch memory; the packed operand comes last. */
@inline
function planAt(scratch: u64): u64 {
  return scratch + EDGE_BYTES;
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

/** y = activation(convolution of x with filter + bias); bias is 0 if there is none. */
export function convolutionForward(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  filter: usize,
  bias: usize,
  y: usize,
  scratch: usize,
): void {
  if (isNarrow(g)) {
    narrowForward(g, x, filter, bias, y, scratch);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const columns = <usize>columnsAt(g, scratch);
  const operand = <usize>operandAt(g, scratch);
  const operandBytes = <usize>(packedSize(inner, outer) << 2);
  for (let group = 0; group < g.groups; group++) {
    const from = filter + ((<usize>(group * outer)) << 2);
    pack(from, g.outChannels, inner, outer, operand + <usize>group * operandBytes);
  }
  const direct = isPointwise(g);
  const rows = tileRows(g);
  const block = <i32>blockSize(g, rows);
  const plan = <usize>planAt(scratch);
  const left = <usize>leftAt(g, scratch);
  const flags = <usize>flagsAt(g, scratch);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    const yTile = y + ((<usize>first * g.outChannels) << 2);
    if (offset) gatherSamples(g, x, offset, mask, first, count, columns, block, plan, flags, 0, tapsOf(g));
    else if (!direct) gatherGrid(g, x, first, count, columns, block);
    for (let group = 0; group < g.groups; group++) {
      const a = direct
        ? x + ((<usize>first * g.inChannels + group * inner) << 2)
        : columns + ((<usize>(group * block)) << 2);
      const stride = direct ? g.inChannels : columnStride(g);
      const b = operand + <usize>group * operandBytes;
      const c = yTile + ((<usize>(group * outer)) << 2);
      product(a, stride, b, c, g.outChannels, count, inner, outer, false, left, scratch);
    }
    if (offset) repairRows(g, offset, filter, first, count, columns, block, plan, flags, yTile);
    finishRows(yTile, bias, count, g.outChannels, g.activation);
  }
}

/** Computes dx and, for a deformable convolution, doffset and (if there is a mask) dmask. All are overwritten. */
export function convolutionBackwardData(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  filter: usize,
  dy: usize,
  dx: usize,
  doffset: usize,
  dmask: usize,
  scratch: usize,
): void {
  if (isNarrow(g)) {
    narrowBackwardInput(g, dy, filter, dx, scratch);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const columns = <usize>columnsAt(g, scratch);
  const operand = <usize>operandAt(g, scratch);
  const operandBytes = <usize>(packedSize(outer, inner) << 2);
  for (let group = 0; group < g.groups; group++) {
    const from = filter + ((<usize>(group * outer)) << 2);
    packTransposed(from, g.outChannels, outer, inner, operand + <usize>group * operandBytes);
  }
  const direct = isPointwise(g);
  if (!direct) memory.fill(dx, 0, (<usize>(g.batch * g.inHeight * g.inWidth) * g.inChannels) << 2);
  const rows = tileRows(g);
  const block = <i32>blockSize(g, rows);
  const plan = <usize>planAt(scratch);
  const left = <usize>leftAt(g, scratch);
  const positions = positionsOf(g);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    for (let group = 0; group < g.groups; group++) {
      const a = dy + ((<usize>first * g.outChannels + group * outer) << 2);
      const b = operand + <usize>group * operandBytes;
      const c = direct
        ? dx + ((<usize>first * g.inChannels + group * inner) << 2)
        : columns + ((<usize>(group * block)) << 2);
      const stride = direct ? g.inChannels : columnStride(g);
      product(a, g.outChannels, b, c, stride, count, outer, inner, false, left, scratch);
    }
    if (offset) scatterSamples(g, x, offset, mask, first, count, columns, block, plan, dx, doffset, dmask);
    else if (!direct) scatterGrid(g, dx, first, count, columns, block);
  }
}
