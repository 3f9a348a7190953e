/**
 * One axis of a depthwise convolution or of its input gradient: the taps that reach each position, and the pixels that
 * they read. Along an axis both are evenly spaced, so first, step and count describe them.
 */
import { Geometry } from './geometry';

/** Properties shared by all positions of an axis. */
@unmanaged
export class Axis {
  /** Number of positions of the result. */
  positions: i32;
  /** Number of pixels of the image that is read. */
  size: i32;
  /**
   * Distance between positions of the same phase: the stride in an input gradient, whose phases have different taps.
   */
  apart: i32;
  /** Distance between the first pixels of successive positions of a phase. */
  advance: i32;
  /** Distance between the taps that reach a position; negative in an input gradient. */
  tapStep: i32;
  /** Distance between the pixels of these taps; positive. */
  pixelStep: i32;
  /** Address of the spans, one per position. */
  spans: usize;
}

/** Taps that reach one position. */
@unmanaged
export class Span {
  /** First tap, and the pixel that it reads. */
  tap: i32;
  pixel: i32;
  count: i32;
  /** Number of positions from this one, spaced by `apart`, that the same taps reach. */
  run: i32;
}

/** Size in bytes of the spans of this many positions. */
export function spanBytes(positions: i32): u64 {
  return <u64>positions * offsetof<Span>();
}

@inline
export function spanOf(axis: Axis, position: i32): Span {
  return changetype<Span>(axis.spans + <usize>position * offsetof<Span>());
}

/** Fills both axes of a convolution; `spans` is the memory for their spans. */
export function describeForward(g: Geometry, y: Axis, x: Axis, spans: usize): void {
  y.spans = spans;
  x.spans = spans + <usize>spanBytes(g.outHeight);
  fillForward(y, g.outHeight, g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop);
  fillForward(x, g.outWidth, g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft);
}

/** Fills both axes of its input gradient. */
export function describeBackward(g: Geometry, y: Axis, x: Axis, spans: usize): void {
  y.spans = spans;
  x.spans = spans + <usize>spanBytes(g.inHeight);
  fillBackward(y, g.inHeight, g.outHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop);
  fillBackward(x, g.inWidth, g.outWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft);
}

/** Output o reads pixel o·stride − pad + k·dilation with tap k. */
function fillForward(axis: Axis, positions: i32, size: i32, kernel: i32, stride: i32, dilation: i32, pad: i32): void {
  axis.positions = positions;
  axis.size = size;
  axis.apart = 1;
  axis.advance = stride;
  axis.tapStep = 1;
  axis.pixelStep = dilation;
  for (let position = 0; position < positions; position++) {
    const start = position * stride - pad;
    const first = start < 0 ? (dilation - 1 - start) / dilation : 0;
    const end = start < size ? min(kernel, (size - start + dilation - 1) / dilation) : 0;
    setSpan(axis, position, first, start + first * dilation, end - first);
  }
  countRuns(axis);
}

/** Input i is read by output o with tap k where i + pad = o·stride + k·dilation. */
function fillBackward(axis: Axis, positions: i32, size: i32, kernel: i32, stride: i32, dilation: i32, pad: i32): void {
  const common = greatestDivisor(stride, dilation);
  const tapStep = stride / common;
  const pixelStep = dilation / common;
  axis.positions = positions;
  axis.size = size;
  axis.apart = stride;
  axis.advance = 1;
  axis.tapStep = -tapStep;
  axis.pixelStep = pixelStep;
  for (let position = 0; position < positions; position++) {
    const from = position + pad;
    const phases = min(tapStep, kernel);
    let tap = 0;
    while (tap < phases && (from - tap * dilation) % stride != 0) tap++;
    if (tap == phases) {
      setSpan(axis, position, 0, 0, 0);
      continue;
    }
    const output = (from - tap * dilation) / stride;
    const first = output >= size ? (output - size + pixelStep) / pixelStep : 0;
    const end = output >= 0 ? min(output / pixelStep + 1, (kernel - tap + tapStep - 1) / tapStep) : 0;
    // The last of these taps reads the first pixel.
    setSpan(axis, position, tap + (end - 1) * tapStep, output - (end - 1) * pixelStep, end - first);
  }
  countRuns(axis);
}

/** All spans without taps are equal. */
@inline
function setSpan(axis: Axis, position: i32, tap: i32, pixel: i32, count: i32): void {
  const span = spanOf(axis, position);
  span.tap = count > 0 ? tap : 0;
  span.pixel = count > 0 ? pixel : 0;
  span.count = max(count, 0);
}

function countRuns(axis: Axis): void {
  for (let position = axis.positions - 1; position >= 0; position--) {
    const span = spanOf(axis, position);
    span.run = 1;
    if (position + axis.apart >= axis.positions) continue;
    const next = spanOf(axis, position + axis.apart);
    if (next.tap == span.tap && next.count == span.count) span.run = next.run + 1;
  }
}

function greatestDivisor(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
