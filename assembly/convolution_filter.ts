/**
 * Filter gradient of a plain or deformable convolution: columnsᵀ · dy, tile by tile of output positions. `offset` is 0
 * for a plain convolution, `mask` is 0 if there is none.
 */
import { blockSize, columnStride, filterTileRows } from './columns';
import { hasNaN } from './floats';
import { EDGE_BYTES, pack, packedSize, productTransposed } from './gemm';
import { Geometry, groupInOf, groupOutOf, positionsOf, tapsOf } from './geometry';
import { gatherGrid } from './grid';
import { isNarrow } from './narrow_groups';
import { narrowBackwardFilter } from './narrow_groups_filter';
import { gatherSamples, hasFlag, planBytes } from './samples';
import { addFilterGradient } from './unread_samples';

/** Layout of the scratch memory. */
@inline
function planAt(scratch: u64): u64 {
  return scratch + EDGE_BYTES;
}

@inline
function flagsAt(g: Geometry, scratch: u64): u64 {
  return planAt(scratch) + ((planBytes(g) + 15) & ~15);
}

@inline
function operandAt(g: Geometry, scratch: u64): u64 {
  return flagsAt(g, scratch) + ((filterTileRows(g) + 15) & ~15);
}

@inline
function columnsAt(g: Geometry, scratch: u64): u64 {
  return operandAt(g, scratch) + (packedSize(filterTileRows(g), groupOutOf(g)) << 2);
}

/** Scratch memory in bytes. The product reads up to 3 floats past the last column. */
export function convolutionFilterScratch(g: Geometry): f64 {
  if (isNarrow(g)) return EDGE_BYTES;
  return <f64>(columnsAt(g, 0) + ((<u64>g.groups * blockSize(g, filterTileRows(g)) + 3) << 2));
}

/** Computes dfilter, which is overwritten. */
export function convolutionBackwardFilter(
  g: Geometry,
  x: usize,
  offset: usize,
  mask: usize,
  dy: usize,
  dfilter: usize,
  scratch: usize,
): void {
  if (isNarrow(g)) {
    narrowBackwardFilter(g, x, dy, dfilter);
    return;
  }
  const inner = tapsOf(g) * groupInOf(g);
  const outer = groupOutOf(g);
  const columns = <usize>columnsAt(g, scratch);
  const operand = <usize>operandAt(g, scratch);
  memory.fill(dfilter, 0, (<usize>inner * g.outChannels) << 2);
  const rows = filterTileRows(g);
  const block = <i32>blockSize(g, rows);
  const plan = <usize>planAt(scratch);
  const flags = <usize>flagsAt(g, scratch);
  const positions = positionsOf(g);
  let unread = false;
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    // A pointwise convolution is gathered too: read column-wise, the rows of the image itself would share a cache set.
    if (offset) gatherSamples(g, x, offset, mask, first, count, columns, block, plan, flags);
    else gatherGrid(g, x, first, count, columns, block);
    for (let group = 0; group < g.groups; group++) {
      pack(dy + ((<usize>first * g.outChannels + group * outer) << 2), g.outChannels, count, outer, operand);
      const a = columns + ((<usize>(group * block)) << 2);
      const c = dfilter + ((<usize>(group * outer)) << 2);
      productTransposed(a, columnStride(g), operand, c, g.outChannels, inner, count, outer, scratch);
    }
    if (offset && hasFlag(flags, count)) unread = true;
  }
  if (!unread || !hasNaN(dfilter, inner * g.outChannels)) return;
  memory.fill(dfilter, 0, (<usize>inner * g.outChannels) << 2);
  for (let first = 0; first < positions; first += rows) {
    const count = min(rows, positions - first);
    gatherSamples(g, x, offset, mask, first, count, columns, block, plan, flags);
    addFilterGradient(g, offset, dy, first, count, columns, block, plan, dfilter);
  }
}
