/**
 * One axis of a depthwise convolution or of its input gradient: which taps reach each position, and where they read.
 * Along an axis these are always evenly spaced taps that read evenly spaced pixels, so that first, steps and count tell
 * all.
 */
import { Geometry } from './geometry';

/** What all positions of an axis have in common. */
@unmanaged
export class Axis {
  /** Positions of the result. */
  positions: i32;
  /** Pixels of the image that is read. */
  size: i32;
  /** Distance of positions that are alike: the stride in an input gradient, where each phase has taps of its own. */
  apart: i32;
  /** Pixels from the first one of a position to that of the next alike. */
  advance: i32;
  /** From one tap that reaches a position to the next; negative in an input gradient. */
  tapStep: i32;
  /** From the pixel of one such tap to that of the next; positive. */
  pixelStep: i32;
  /** Address of the spans, one a position. */
  spans: usize;
}

/** The taps that reach one position. */
@unmanaged
export class Span {
  /** The first tap, and the pixel that it reads. */
  tap: i32;
  pixel: i32;
  count: i32;
  /** Positions from this one on that are reached by the same taps, `apart` from each other. */
  run: i32;
}

/** Bytes of the spans of so many positions. */
export function spanBytes(positions: i32): u64 {
  return <u64>positions * offsetof<Span>();
}

@inline
export function spanOf(axis: Axis, position: i32): Span {
  return changetype<Span>(axis.spans + <usize>position * offsetof<Span>());
}

/** Both axes of a convolution; `spans` is room for theirs. */
export function describeForward(g: Geometry, y: Axis, x: Axis, spans: usize): void {
  y.spans = spans;
  x.spans = spans + <usize>spanBytes(g.outHeight);
  fillForward(y, g.outHeight, g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop);
  fillForward(x, g.outWidth, g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft);
}

/** Both axes of its input gradient. */
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

/** All spans without taps are alike. */
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
