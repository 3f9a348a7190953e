/**
 * Depthwise convolution without columns, and its input gradient, which is a depthwise convolution too. The taps that
 * reach a position form a rectangle, computed once per axis: borders, strides and dilations cost nothing in the inner
 * loops, and positions of a row with equal rectangles are summed four at a time, so that each weight is read once for
 * all four.
 */
import { finishRows } from './bias';
import { Axis, describeBackward, describeForward, spanBytes, spanOf } from './depthwise_axis';
import { addMultiples, addOverMultiples, Rectangle, sumFour, sumOne } from './depthwise_sums';
import { clearFloats, copyFloats } from './floats';
import { Geometry } from './geometry';
import { Operands } from './operands';

/** Scratch memory in bytes for both functions below. */
export function depthwiseScratch(g: Geometry): f64 {
  const spans = spanBytes(max(g.inHeight, g.outHeight)) + spanBytes(max(g.inWidth, g.outWidth));
  return <f64>(<u64>(2 * offsetof<Axis>() + offsetof<Rectangle>()) + spans);
}

/** y = activation(depthwise convolution of x with filter + bias). */
export function depthwiseForward(o: Operands): void {
  const g = o.geometry;
  describeForward(g, rowsAt(o.scratch), columnsAt(o.scratch), spansAt(o.scratch));
  slide(o, o.x, g.inChannels, o.y, g.outChannels, o.bias, g.activation);
}

/** Computes dx from dy. */
export function depthwiseBackwardInput(o: Operands): void {
  const g = o.geometry;
  describeBackward(g, rowsAt(o.scratch), columnsAt(o.scratch), spansAt(o.scratch));
  slide(o, o.dy, g.outChannels, o.dx, g.inChannels, 0, 0);
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
function spansAt(scratch: usize): usize {
  return scratch + 2 * offsetof<Axis>() + offsetof<Rectangle>();
}

/**
 * Computes every position of `to` from the positions of `from` that its taps read, as given by the axes and their
 * spans.
 */
function slide(
  o: Operands,
  from: usize,
  fromChannels: i32,
  to: usize,
  toChannels: i32,
  bias: usize,
  activation: i32,
): void {
  const g = o.geometry;
  const filter = o.filter;
  const rows = rowsAt(o.scratch);
  const columns = columnsAt(o.scratch);
  const r = rectangleAt(o.scratch);
  const fromPixel = (<usize>fromChannels) << 2;
  const toPixel = (<usize>toChannels) << 2;
  const tap = (<usize>g.outChannels) << 2;
  r.pixelRow = <usize>(rows.pixelStep * columns.size) * fromPixel;
  r.pixelColumn = <usize>columns.pixelStep * fromPixel;
  r.weightRow = <usize>(rows.tapStep * g.kernelWidth) * tap;
  r.weightColumn = <usize>columns.tapStep * tap;
  const pixelStep = <usize>columns.advance * fromPixel;
  const toStep = <usize>columns.apart * toPixel;
  r.pixelStep = pixelStep;
  r.toStep = toStep;
  const multiplier = g.outChannels / g.inChannels;
  for (let n = 0; n < g.batch; n++) {
    for (let y = 0; y < rows.positions; y++, to += <usize>columns.positions * toPixel) {
      const row = spanOf(rows, y);
      r.rows = row.count;
      const line = from + <usize>((n * rows.size + row.pixel) * columns.size) * fromPixel;
      const weightLine = filter + <usize>(row.tap * g.kernelWidth) * tap;
      for (let phase = 0; phase < min(columns.apart, columns.positions); phase++) {
        let x = phase;
        while (x < columns.positions) {
          const span = spanOf(columns, x);
          const run = span.run;
          r.columns = span.count;
          const weights = weightLine + <usize>span.tap * tap;
          const pixels = line + <usize>span.pixel * fromPixel;
          const at = to + <usize>x * toPixel;
          if (multiplier == 1) {
            sumRun(r, run, pixels, weights, bias, at, toPixel);
          } else {
            for (let i: usize = 0; i < <usize>run; i++) {
              const y = at + i * toStep;
              if (bias) copyFloats(bias, y, toChannels);
              else clearFloats(y, toChannels);
              if (toChannels > fromChannels) {
                addMultiples(r, pixels + i * pixelStep, weights, y, g.inChannels, multiplier);
              } else {
                addOverMultiples(r, pixels + i * pixelStep, weights, y, g.inChannels, multiplier);
              }
            }
          }
          x += run * columns.apart;
        }
      }
      finishRows(to, 0, columns.positions, toChannels, activation);
    }
  }
}

/** Computes a run of positions that the same taps reach. */
@inline
function sumRun(r: Rectangle, run: i32, pixels: usize, weights: usize, bias: usize, to: usize, bytes: usize): void {
  const pixelStep = r.pixelStep;
  const toStep = r.toStep;
  let done = 0;
  while (done < run) {
    if (run < 4 || done == run - 1) {
      sumOne(r, pixels + <usize>done * pixelStep, weights, bias, to + <usize>done * toStep, bytes);
      done++;
    } else {
      // The last four may overlap the previous ones: recomputing a position is cheaper than computing it alone.
      const at = <usize>min(done, run - 4);
      sumFour(r, pixels + at * pixelStep, weights, bias, to + at * toStep, bytes);
      done = <i32>at + 4;
    }
  }
}
