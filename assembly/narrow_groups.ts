/**
 * Plain convolution with many narrow groups, without columns: packing would cost more than matrix products as small as
 * theirs. As in a depthwise convolution (depthwise.ts), the taps that reach a position form a rectangle, and several
 * positions of a row reached by the same taps are summed at once. The input gradient is a convolution of this kind too.
 * The narrowest groups are first separated (group_bands.ts).
 */
import { finishRows } from './bias';
import { Axis, describeBackward, describeForward, spanBytes, spanOf } from './depthwise_axis';
import { Rectangle } from './depthwise_sums';
import { pack, packTransposed } from './gemm';
import { Geometry, groupInOf, groupOutOf, tapsOf } from './geometry';
import { bandRows, blockGroups, paddedSize, reachOf, separateGroups } from './group_bands';
import { Operands } from './operands';
import { sixes4, four4, four8, one4 } from './narrow_groups_sums';

/** Layout of the groups of one convolution. Distances are in bytes. */
@unmanaged
class Groups {
  /** Channels of a group, distances between its pixels, and between the same pixel of neighbouring groups. */
  fromGroup: i32;
  fromPixel: usize;
  fromStep: usize;
  /** The same of the results, whose groups are adjacent. */
  toGroup: i32;
  toPixel: usize;
  weightStep: usize;
}

/** Taps · channels of a group up to which its weights stay in the L1 cache: 16 KiB for 8 results. */
const MOST_DEPTH: i32 = 512;

/** Tests whether the functions below should run a plain convolution; groups must fill whole vectors. */
export function isNarrow(g: Geometry): bool {
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  return (
    g.groups > 1 &&
    g.offsetGroups == 0 &&
    ((groupIn | groupOut) & 3) == 0 &&
    tapsOf(g) * max(groupIn, groupOut) <= MOST_DEPTH
  );
}

/** Scratch memory in bytes for both functions below. */
export function narrowScratch(g: Geometry): u64 {
  if (!isSeparable(g)) return bandAt(g, 0);
  const forward = bandSize(g, g.inWidth, g.inHeight, g.strideHeight, g.outHeight);
  const backward = bandSize(g, g.outWidth, g.outHeight, 1, g.inHeight);
  return bandAt(g, 0) + ((<u64>blockGroups(g, 4) * max(forward, backward)) << 2);
}

/** Tests for groups of 4 to 4 channels: their pixels are one vector, so that separating the groups pays. */
@inline
function isSeparable(g: Geometry): bool {
  return groupInOf(g) == 4 && groupOutOf(g) == 4;
}

/** y = activation(convolution of x with filter + bias). */
export function narrowForward(o: Operands): void {
  const g = o.geometry;
  const scratch = o.scratch;
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  let to = <usize>panelsAt(scratch);
  for (let group = 0; group < g.groups; group++) {
    for (let tap = 0; tap < tapsOf(g); tap++, to += (<usize>(groupIn * groupOut)) << 2) {
      const from = o.filter + ((<usize>(tap * groupIn * g.outChannels + group * groupOut)) << 2);
      pack(from, g.outChannels, groupIn, groupOut, to);
    }
  }
  describeForward(g, rowsAt(scratch), columnsAt(scratch), <usize>spansAt(g, scratch));
  slide(o, o.x, groupIn, o.y, groupOut, o.bias, g.activation);
}

/** Computes dx from dy and filter. */
export function narrowBackwardInput(o: Operands): void {
  const g = o.geometry;
  const scratch = o.scratch;
  const groupIn = groupInOf(g);
  const groupOut = groupOutOf(g);
  let to = <usize>panelsAt(scratch);
  for (let group = 0; group < g.groups; group++) {
    for (let ky = 0; ky < g.kernelHeight; ky++) {
      // In reverse: the order of the pixels that the taps of a row read.
      for (let kx = g.kernelWidth - 1; kx >= 0; kx--, to += (<usize>(groupIn * groupOut)) << 2) {
        const row = (ky * g.kernelWidth + kx) * groupIn;
        const from = o.filter + ((<usize>(row * g.outChannels + group * groupOut)) << 2);
        packTransposed(from, g.outChannels, groupOut, groupIn, to);
      }
    }
  }
  describeBackward(g, rowsAt(scratch), columnsAt(scratch), <usize>spansAt(g, scratch));
  slide(o, o.dy, groupOut, o.dx, groupIn, 0, 0);
}

@inline
function rowsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch);
}

@inline
function columnsAt(scratch: usize): Axis {
  return changetype<Axis>(scratch + offsetof<Axis>());
}

@inline
function rectangleAt(scratch: usize): Rectangle {
  return changetype<Rectangle>(scratch + 2 * offsetof<Axis>());
}

@inline
function groupsAt(scratch: usize): Groups {
  return changetype<Groups>(scratch + 2 * offsetof<Axis>() + offsetof<Rectangle>());
}

/** Packed weights: for each group and tap panels of 8 results, and one of 4 if 4 are left. */
@inline
function panelsAt(scratch: u64): u64 {
  return scratch + ((2 * offsetof<Axis>() + offsetof<Rectangle>() + offsetof<Groups>() + 15) & ~15);
}

@inline
function spansAt(g: Geometry, scratch: u64): u64 {
  return panelsAt(scratch) + ((<u64>(tapsOf(g) * groupInOf(g)) * g.outChannels) << 2);
}

@inline
function bandAt(g: Geometry, scratch: u64): u64 {
  const spans = spanBytes(max(g.inHeight, g.outHeight)) + spanBytes(max(g.inWidth, g.outWidth));
  return (spansAt(g, scratch) + spans + 15) & ~15;
}

/** Number of rows of positions per band of separated groups. */
@inline
function positionRows(g: Geometry, width: i32, advance: i32, positions: i32): i32 {
  return bandRows(g, 4, 4 * width, advance, 0, positions);
}

/** Number of floats of a group in such a band. */
@inline
function bandSize(g: Geometry, width: i32, height: i32, advance: i32, positions: i32): i32 {
  const rows = min((positionRows(g, width, advance, positions) - 1) * advance + reachOf(g), height);
  return paddedSize(4 * max(rows, 0) * width);
}

/** Computes every position of `to` from the positions of `from` that its taps read; channel counts are per group. */
function slide(o: Operands, from: usize, fromGroup: i32, to: usize, toGroup: i32, bias: usize, activation: i32): void {
  const g = o.geometry;
  const scratch = o.scratch;
  const rows = rowsAt(scratch);
  const columns = columnsAt(scratch);
  const r = rectangleAt(scratch);
  const panels = <usize>panelsAt(scratch);
  const band = <usize>bandAt(g, scratch);
  const imagePixel = (<usize>(fromGroup * g.groups)) << 2;
  const toPixel = (<usize>(toGroup * g.groups)) << 2;
  const tap = (<usize>(fromGroup * toGroup)) << 2;
  const groupWeights = <usize>tapsOf(g) * tap;
  const separated = isSeparable(g) && columns.advance == 1;
  const most = separated ? positionRows(g, columns.size, rows.advance, rows.positions) : rows.positions;
  const together = separated ? blockGroups(g, fromGroup) : g.groups;
  const fromPixel = separated ? (<usize>fromGroup) << 2 : imagePixel;
  const fromStep = separated
    ? (<usize>bandSize(g, columns.size, rows.size, rows.advance, rows.positions)) << 2
    : (<usize>fromGroup) << 2;
  r.pixelRow = <usize>(rows.pixelStep * columns.size) * fromPixel;
  r.pixelColumn = <usize>columns.pixelStep * fromPixel;
  r.weightRow = <usize>(rows.tapStep * g.kernelWidth) * tap;
  r.weightColumn = <usize>abs(columns.tapStep) * tap;
  r.pixelStep = <usize>columns.advance * fromPixel;
  r.toStep = <usize>columns.apart * toPixel;
  const layout = groupsAt(scratch);
  layout.fromGroup = fromGroup;
  layout.fromPixel = fromPixel;
  layout.fromStep = fromStep;
  layout.toGroup = toGroup;
  layout.toPixel = toPixel;
  layout.weightStep = groupWeights;
  // Taps are packed in the order of the pixels that they read; in an input gradient that is the reverse.
  const lastTap = columns.tapStep < 0 ? g.kernelWidth - 1 : 0;
  for (let n = 0; n < g.batch; n++) {
    for (let top = 0; top < rows.positions; top += most) {
      const end = min(top + most, rows.positions);
      const firstPixel = separated ? firstRow(rows, top, end) : 0;
      const image = from + <usize>((n * rows.size + firstPixel) * columns.size) * imagePixel;
      for (let block = 0; block < g.groups; block += together) {
        const groups = min(together, g.groups - block);
        let pixels = image + ((<usize>(block * fromGroup)) << 2);
        if (separated) {
          const count = max(endRow(rows, top, end) - firstPixel, 0) * columns.size;
          separateGroups(pixels, fromGroup * g.groups, count, groups, fromGroup, band, fromStep);
          pixels = band;
        }
        for (let y = top; y < end; y++) {
          const row = spanOf(rows, y);
          r.rows = row.count;
          const line = pixels + <usize>((row.pixel - firstPixel) * columns.size) * fromPixel;
          const weights = panels + <usize>block * groupWeights + <usize>(row.tap * g.kernelWidth + lastTap) * tap;
          const at = to + <usize>((y - top) * columns.positions) * toPixel + ((<usize>(block * toGroup)) << 2);
          sumRow(layout, r, columns, groups, line, weights, at);
        }
      }
      finishRows(to, bias, (end - top) * columns.positions, toGroup * g.groups, activation);
      to += <usize>((end - top) * columns.positions) * toPixel;
    }
  }
}

/** First row of pixels that the positions from `top` to `end` read. */
function firstRow(rows: Axis, top: i32, end: i32): i32 {
  let first = rows.size;
  for (let y = top; y < end; y++) {
    const span = spanOf(rows, y);
    if (span.count > 0) first = min(first, span.pixel);
  }
  return first;
}

/** End of these rows. */
function endRow(rows: Axis, top: i32, end: i32): i32 {
  let last = 0;
  for (let y = top; y < end; y++) {
    const span = spanOf(rows, y);
    if (span.count > 0) last = max(last, span.pixel + (span.count - 1) * rows.pixelStep + 1);
  }
  return last;
}

/** Computes a row of positions of `groups` groups. */
function sumRow(
  layout: Groups,
  r: Rectangle,
  columns: Axis,
  groups: i32,
  line: usize,
  weights: usize,
  to: usize,
): void {
  const fromGroup = layout.fromGroup;
  const fromPixel = layout.fromPixel;
  const fromStep = layout.fromStep;
  const toPixel = layout.toPixel;
  const toBytes = (<usize>layout.toGroup) << 2;
  const groupWeights = layout.weightStep;
  const tap = <usize>fromGroup * toBytes;
  // Adjacent taps that read adjacent pixels are one run of channels.
  const joined = r.pixelColumn == (<usize>fromGroup) << 2 && r.weightColumn == tap;
  const pixelStep = r.pixelStep;
  const toStep = r.toStep;
  for (let phase = 0; phase < min(columns.apart, columns.positions); phase++) {
    let x = phase;
    while (x < columns.positions) {
      const span = spanOf(columns, x);
      const run = span.run;
      const depth = joined ? span.count * fromGroup : fromGroup;
      r.columns = joined ? min(span.count, 1) : span.count;
      const pixels = line + <usize>span.pixel * fromPixel;
      const first = weights + <usize>(columns.tapStep < 0 ? -span.tap : span.tap) * tap;
      const start = to + <usize>x * toPixel;
      let done = 0;
      if (pixelStep == 16) {
        done = run - (run % 6);
        for (let group: usize = 0; group < <usize>groups; group++) {
          sixes4(r, done, pixels + group * fromStep, first + group * groupWeights, start + group * 16, depth);
        }
      }
      while (done < run) {
        const alone = run < 4 || done == run - 1;
        // The last four may overlap the previous ones: recomputing a position is cheaper than computing it alone.
        const position = <usize>(alone ? done : min(done, run - 4));
        let image = pixels + position * pixelStep;
        let at = start + position * toStep;
        let weight = first;
        // All groups, since their channels share cache lines.
        for (let group = groups; group > 0; group--) {
          sumGroup(r, alone, image, weight, at, toBytes, depth);
          image += fromStep;
          at += toBytes;
          weight += groupWeights;
        }
        done = alone ? done + 1 : <i32>position + 4;
      }
      x += run * columns.apart;
    }
  }
}

/** Computes four positions of one group, or one. */
@inline
function sumGroup(r: Rectangle, alone: bool, image: usize, weight: usize, at: usize, toBytes: usize, depth: i32): void {
  for (let c: usize = 0; c < toBytes; c += 32, weight += (<usize>depth) << 5) {
    const wide = toBytes - c >= 32;
    if (alone) {
      one4(r, image, weight, wide ? 32 : 16, at + c, depth);
      if (wide) one4(r, image, weight + 16, 32, at + c + 16, depth);
    } else if (wide) {
      four8(r, image, weight, at + c, depth);
    } else {
      four4(r, image, weight, at + c, depth);
    }
  }
}
