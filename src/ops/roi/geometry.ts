/** Attributes and arithmetic that the region operators have in common. Everything is (y, x); boxes are (y1, x1, y2, x2). */

/** What every kernel of a region operator is told, besides its tensors. All counts are in elements. */
export interface RoiGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly boxCount: number;
  /** Bins of a box. */
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  /** Size of a feature pixel in units of the boxes, inverted: feature position = box position · spatialScale. A float32. */
  readonly spatialScale: number;
  /** Whether offsets are given; without them the input `offset` is an empty tensor (the engine saves no absent input). */
  readonly deformed?: boolean;
}

/** Geometry of the operators that sample bins on a grid. */
export interface SampledRoiGeometry extends RoiGeometry {
  /** Samples of a bin along each axis; 0 for the smallest number g with g · bins ≥ size of the box in feature pixels. */
  readonly samplingRatio: number;
}

/**
 * The largest number of samples of a bin along each axis that may be asked for: one output value takes its square. A number
 * that follows the box has no such end, since samples outside the image are passed over.
 */
export const MOST_SAMPLES = 256;

/** A box along one axis, in feature pixels. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

/** Samples along one axis, evenly spaced but for rounding. */
export interface SampleRow {
  readonly count: number;
  /** From one sample to the next, about. */
  readonly step: number;
  /** Where sample i stands, for i below count. */
  readonly at: (index: number) => number;
}

/** How roiAlign and its kin read: nothing from a pixel outside the outermost centres on, and a mean over all samples. */
export const ALIGNED = { margin: 1, countOutside: true, travel: 0 } as const;

/**
 * A box along one axis on the feature map: [start, end] · scale − shift. In float32, as torchvision and every shader
 * compute it: whether a box of 14.000001 pixels has one sample more than one of 14 must not depend on the backend.
 */
export function spanOf(start: number, end: number, scale: number, shift: number): Span {
  const edge = (position: number): number =>
    Math.fround(Math.fround(Math.fround(position) * Math.fround(scale)) - shift);
  const from = edge(start);
  return { start: from, size: Math.fround(edge(end) - from) };
}

/** A box moved by `offset` times gamma times its size. */
export function moveSpan(span: Span, gamma: number, offset: number): Span {
  return { ...span, start: Math.fround(span.start + Math.fround(travelOf(span, gamma) * Math.fround(offset))) };
}

/** Pixels that an offset of 1 moves a box. */
export function travelOf({ size }: Span, gamma: number): number {
  return Math.fround(Math.fround(gamma) * size);
}

/** The nearest integer, ties away from zero (C's `round`; JavaScript's own rounds −0.5 up). */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/**
 * The samples of one of `bins` bins: in the middle of `samplingRatio` equal parts, or of one for each pixel or less. In
 * float32, in the order of torchvision, as every shader computes them too: a sample that rounding puts on the last place
 * that is read, or just beyond it, is read or not on all backends alike.
 */
export function binSamples({ start, size }: Span, bins: number, bin: number, samplingRatio: number): SampleRow {
  const count = samplingRatio > 0 ? samplingRatio : Math.ceil(size / bins);
  const length = Math.fround(size / bins);
  const first = Math.fround(start + Math.fround(bin * length));
  const at = (index: number): number => Math.fround(first + Math.fround(Math.fround((index + 0.5) * length) / count));
  return { count, step: length / count, at };
}

/** An edge of a box on the pixel grid; the product in float32, as above. */
export function roundedEdge(position: number, scale: number): number {
  return roundHalfAway(Math.fround(position * scale));
}

/**
 * The pixels [from, to) of one of `bins` bins of a box of whole pixels, clipped to [0, limit]. In integers, where
 * torchvision multiplies by a rounded quotient and may reach one pixel too far.
 */
export function binPixels(
  first: number,
  pixels: number,
  bins: number,
  bin: number,
  limit: number,
): { readonly from: number; readonly to: number } {
  const clip = (place: number): number => Math.min(Math.max(place, 0), Math.max(limit, 0));
  return {
    from: clip(first + Math.floor((bin * pixels) / bins)),
    to: clip(first + Math.ceil(((bin + 1) * pixels) / bins)),
  };
}
