/** Attributes and arithmetic shared by the region operators. Everything is (y, x); boxes are (y1, x1, y2, x2). */

/** Attributes of every region kernel. All counts are in elements. */
export interface RoiGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly boxCount: number;
  /** Rows and columns of bins per box. */
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  /** Feature map pixels per unit of the boxes: feature map position = box position · spatialScale. A float32. */
  readonly spatialScale: number;
  /**
   * True if there are offsets; without them the input `offset` is an empty tensor (the engine cannot save an absent
   * input).
   */
  readonly deformed?: boolean;
}

/** Geometry of the operators that sample bins on a grid. */
export interface SampledRoiGeometry extends RoiGeometry {
  /** Samples per bin along each axis; 0 for the smallest number g with g · bins ≥ box size in feature map pixels. */
  readonly samplingRatio: number;
}

/**
 * Maximum of `samplingRatio`: one output value costs its square. An adaptive number has no such limit, since samples
 * outside the image are skipped.
 */
export const MOST_SAMPLES = 256;

/** Extent of a box along one axis, in feature map pixels. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

/** Samples along one axis, evenly spaced up to rounding. */
export interface SampleRow {
  readonly count: number;
  /** Approximate distance between samples. */
  readonly step: number;
  /** Location of sample i, for i below count. */
  readonly at: (index: number) => number;
}

/**
 * Sampling of roiAlign and similar operators: samples a pixel or more outside the outermost centres are 0, and the mean
 * is over all samples.
 */
export const ALIGNED = { margin: 1, countOutside: true, offsetScale: 0 } as const;

/**
 * Maps a box along one axis to the feature map: [start, end] · scale − shift. In float32, as torchvision and every
 * shader compute it: it must not depend on the backend if a box of 14.000001 pixels has one sample more than one of 14.
 */
export function spanOf(start: number, end: number, scale: number, shift: number): Span {
  const edge = (location: number): number =>
    Math.fround(Math.fround(Math.fround(location) * Math.fround(scale)) - shift);
  const first = edge(start);
  return { start: first, size: Math.fround(edge(end) - first) };
}

/** Moves a box by offset · gamma · its size. */
export function moveSpan(span: Span, gamma: number, offset: number): Span {
  return { ...span, start: Math.fround(span.start + Math.fround(offsetScaleOf(span, gamma) * Math.fround(offset))) };
}

/** Distance in pixels by which an offset of 1 moves a box. */
export function offsetScaleOf({ size }: Span, gamma: number): number {
  return Math.fround(Math.fround(gamma) * size);
}

/** Rounds to the nearest integer, ties away from zero (as C's `round`; `Math.round` rounds ties up). */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

/**
 * Samples of one of `bins` bins: at the centres of `samplingRatio` equal parts, or of parts of at most one pixel. In
 * float32, in torchvision's order of operations, as in every shader: a sample that rounding puts on the last location
 * that is still read, or just beyond it, is treated alike on all backends.
 */
export function binSamples({ start, size }: Span, bins: number, bin: number, samplingRatio: number): SampleRow {
  const count = samplingRatio > 0 ? samplingRatio : Math.ceil(size / bins);
  const length = Math.fround(size / bins);
  const first = Math.fround(start + Math.fround(bin * length));
  const at = (index: number): number => Math.fround(first + Math.fround(Math.fround((index + 0.5) * length) / count));
  return { count, step: length / count, at };
}

/** Edge of a box, rounded to the pixel grid; the product is in float32, as above. */
export function roundedEdge(location: number, scale: number): number {
  return roundHalfAway(Math.fround(location * scale));
}

/**
 * Pixels [begin, stop) of one of `bins` bins of a box of whole pixels, clipped to [0, limit]. In integer arithmetic;
 * torchvision multiplies by a rounded quotient and may reach one pixel too far.
 */
export function binPixels(
  first: number,
  pixels: number,
  bins: number,
  bin: number,
  limit: number,
): { readonly begin: number; readonly stop: number } {
  const clip = (location: number): number => Math.min(Math.max(location, 0), Math.max(limit, 0));
  return {
    begin: clip(first + Math.floor((bin * pixels) / bins)),
    stop: clip(first + Math.ceil(((bin + 1) * pixels) / bins)),
  };
}
