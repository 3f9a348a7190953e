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

/**
 * Samples along one axis: start + (before + i) · length / parts for i below count. One division, so that a sample that
 * stands exactly on an edge is found there.
 */
export interface SampleRow {
  readonly start: number;
  readonly length: number;
  readonly parts: number;
  readonly before: number;
  readonly count: number;
}

/** How roiAlign and its kin read: nothing from a pixel outside the outermost centres on, and a mean over all samples. */
export const ALIGNED = { margin: 1, countOutside: true, travel: 0 } as const;

/**
 * A box along one axis on the feature map: [start, end] · scale − shift. In float32, as torchvision and every shader
 * compute it: whether a box of 14.000001 pixels has one sample more than one of 14 must not depend on the backend.
 */
export function spanOf(start: number, end: number, scale: number, shift: number): Span {
  const from = Math.fround(Math.fround(start * scale) - shift);
  const to = Math.fround(Math.fround(end * scale) - shift);
  return { start: from, size: Math.fround(to - from) };
}

/** The nearest integer, ties away from zero (C's `round`; JavaScript's own rounds −0.5 up). */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/** The samples of one of `bins` bins: in the middle of `samplingRatio` equal parts, or of one for each pixel or less. */
export function binSamples({ start, size }: Span, bins: number, bin: number, samplingRatio: number): SampleRow {
  const count = samplingRatio > 0 ? samplingRatio : Math.ceil(size / bins);
  return { start, length: size, parts: bins * count, before: bin * count + 0.5, count };
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
