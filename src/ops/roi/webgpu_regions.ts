/**
 * Sampling of the region operators in WGSL (src/ops/roi/plan.ts is the counterpart for the backends that plan on the
 * CPU). The boxes stay on the device, so there is no plan: each thread computes its own bin. A bin is a grid of
 * samples: one line along each axis. A box that is not finite, or belongs to no image of the batch, reads nothing.
 */
import type { SamplingName } from './form.js';

/** Samples more than `margin` outside the centres of the outermost pixels read nothing. */
const lines = (margin: number): string => `
  const MARGIN = f32(${margin});
  struct Line {
    // Sample locations: first + (begin + index + phase) · length / parts for index below count.
    first : f32,
    length : f32,
    parts : f32,
    phase : f32,
    begin : f32,
    count : i32,
    // Weight of each sample in the mean.
    mean : f32,
    // Distance in pixels by which an offset of 1 moves them.
    offsetScale : f32,
  }
  struct Point {
    inside : bool,
    // True if it moves with its offset: false when clamped to the edge.
    moves : bool,
    position : i32,
    fraction : f32,
  }
  fn isNoNumber(value : f32) -> bool {
    return (bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u;
  }
  // Keeps a product from being fused with a following addition: box sizes are float32 on every backend.
  fn rounded(value : f32) -> f32 {
    return bitcast<f32>(bitcast<i32>(value) ^ uniforms.zero);
  }
  // Rounds to the nearest integer, ties away from zero.
  fn roundHalfAway(value : f32) -> f32 {
    let size = floor(abs(value));
    return sign(value) * (size + select(0.0, 1.0, abs(value) - size >= 0.5));
  }
  // A correctly rounded quotient, as on the CPU; the device's division may be off in the last bits. The remainder of
  // the first attempt is exact for divisors of 12 bits.
  fn quotient(dividend : f32, divisor : f32) -> f32 {
    let attempt = rounded(dividend / divisor);
    let high = bitcast<f32>(bitcast<u32>(attempt) & 0xfffff000u);
    let rest = rounded(dividend - rounded(high * divisor)) - rounded(rounded(attempt - high) * divisor);
    return rounded(attempt + rest / divisor);
  }
  // A line of samples. Only those near the image are visited, however many there are.
  fn newLine(first : f32, length : f32, parts : f32, phase : f32, samples : f32, size : i32, offsetScale : f32) -> Line {
    let last = f32(size - 1);
    let step = length / parts;
    // Bound on the rounding error of a sampling location.
    let slack = min((abs(first) + abs(step) * samples) * 2.384185791015625e-7, 64.0);
    var begin = 0.0;
    var end = samples - 1.0;
    if (step > 0.0) {
      begin = max(begin, ceil((-MARGIN - slack - first) / step - phase) - 1.0);
      end = min(end, floor((last + MARGIN + slack - first) / step - phase) + 1.0);
    }
    var line : Line;
    line.first = first;
    line.length = length;
    line.parts = parts;
    line.phase = phase;
    line.begin = begin;
    line.count = i32(clamp(end - begin + 1.0, 0.0, 16777216.0));
    if (isNoNumber(first) || isNoNumber(step) || size < 1) {
      line.count = 0;
    }
    line.mean = select(0.0, 1.0 / samples, samples > 0.0);
    line.offsetScale = offsetScale;
    return line;
  }
  fn pointOf(line : Line, index : i32, size : i32) -> Point {
    let last = f32(size - 1);
    let along = rounded((line.begin + f32(index) + line.phase) * line.length);
    let location = rounded(line.first + quotient(along, line.parts));
    let clamped = clamp(location, 0.0, last);
    var point : Point;
    point.position = i32(floor(clamped));
    point.fraction = clamped - floor(clamped);
    point.inside = location >= -MARGIN && location <= last + MARGIN;
    point.moves = location >= 0.0 && point.position < size - 1;
    return point;
  }`;

const SPANS = `
  struct Span {
    start : f32,
    size : f32,
  }
  fn spanOf(start : f32, end : f32, shift : f32) -> Span {
    let first = rounded(rounded(start * uniforms.spatialScale) - shift);
    let last = rounded(rounded(end * uniforms.spatialScale) - shift);
    return Span(first, last - first);
  }`;

const ALIGNED = `${lines(1)}
    ${SPANS}
    // The smallest integer n with n · \`bins\` ≥ size; by multiplication, which is exact.
    fn wholeParts(size : f32, bins : f32) -> f32 {
      var parts = ceil(size / bins);
      if ((parts - 1.0) * bins >= size) {
        parts -= 1.0;
      } else if (parts * bins < size) {
        parts += 1.0;
      }
      return parts;
    }
    fn lineOf(start : f32, end : f32, bins : i32, bin : i32, size : i32, shift : f32) -> Line {
      var span = spanOf(start, end, uniforms.halfPixel);
      span.size = max(span.size, uniforms.smallest);
      let offsetScale = rounded(uniforms.gamma * span.size);
      span.start = rounded(span.start + rounded(offsetScale * shift));
      let count = select(wholeParts(span.size, f32(bins)), f32(uniforms.samplingRatio), uniforms.samplingRatio > 0);
      // Order and rounding as in torchvision, see binSamples of src/ops/roi/geometry.ts.
      let length = quotient(span.size, f32(bins));
      let first = rounded(span.start + rounded(f32(bin) * length));
      return newLine(first, length, count, 0.5, count, size, offsetScale);
    }`;

const PARTS = `${lines(0.5)}
    ${SPANS}
    fn lineOf(start : f32, end : f32, bins : i32, bin : i32, size : i32, shift : f32) -> Line {
      var span = spanOf(roundHalfAway(start), roundHalfAway(end) + 1.0, 0.5);
      span.size = max(span.size, 0.1);
      let offsetScale = uniforms.transStd * span.size;
      let count = f32(uniforms.samplesPerPart);
      let step = span.size / f32(bins) / count;
      let first = span.start + f32(bin) * span.size / f32(bins) + offsetScale * shift;
      var line = newLine(first, step, 1.0, 0.0, count, size, offsetScale);
      var kept = 0.0;
      for (var index = 0; index < line.count; index++) {
        kept += select(0.0, 1.0, pointOf(line, index, size).inside);
      }
      line.mean = select(0.0, 1.0 / kept, kept > 0.0);
      return line;
    }`;

const PIXELS = `${lines(0)}
    fn roundedEdge(location : f32) -> i32 {
      return i32(clamp(roundHalfAway(rounded(location * uniforms.spatialScale)), -1073741824.0, 1073741760.0));
    }
    // bin · pixels / bins, rounded down or up, without a product that could overflow.
    fn binEdge(pixels : u32, bins : u32, bin : u32, up : u32) -> i32 {
      return i32(bin * (pixels / bins) + (bin * (pixels % bins) + up * (bins - 1u)) / bins);
    }
    fn lineOf(start : f32, end : f32, bins : i32, bin : i32, size : i32, shift : f32) -> Line {
      let first = roundedEdge(start);
      let last = roundedEdge(end);
      let pixels = max(select(0u, u32(last) - u32(first), last > first) + select(0u, u32(uniforms.inclusive), last >= first), 1u);
      let limit = max(size - 1 + uniforms.inclusive, 0);
      let begin = clamp(first + binEdge(pixels, u32(bins), u32(bin), 0u), 0, limit);
      let stop = clamp(first + binEdge(pixels, u32(bins), u32(bin) + 1u, 1u), 0, limit);
      return newLine(f32(begin), 1.0, 1.0, 0.0, f32(stop - begin), size, 0.0);
    }`;

/**
 * Ways to sample bins. Each defines `lineOf(start, end, bins, bin, size, shift) -> Line` for one axis of a box from
 * `start` to `end`, moved by the offset `shift`, on an image of `size` pixels.
 */
export const SAMPLING_CODE: Readonly<Record<SamplingName, string>> = { aligned: ALIGNED, parts: PARTS, pixels: PIXELS };

/**
 * `openBin(box, binY, binX, owner)` sets `rows`, `columns` and `firstPixel` for a bin, moved by the offset of class
 * `owner`; `groupOf(binY, binX)` returns the first channel that it reads. Reads `boxes`, `boxImages` and, if the
 * operator is deformed, `offset`.
 */
export function bins(deformed: boolean): string {
  return `
    var<private> rows : Line;
    var<private> columns : Line;
    var<private> firstPixel : i32;

    // Index of the part that a bin belongs to, of \`parts\` equal parts of an axis.
    fn partOf(bin : i32, bins : i32, parts : i32) -> i32 {
      return bin * parts / bins;
    }
    fn groupOf(binY : i32, binX : i32) -> i32 {
      return partOf(binY, uniforms.outHeight, uniforms.groupHeight) * uniforms.groupWidth
        + partOf(binX, uniforms.outWidth, uniforms.groupWidth);
    }
    fn openBin(box : i32, binY : i32, binX : i32, owner : i32) {
      rows.count = 0;
      columns.count = 0;
      let boxImage = boxImages[box];
      let edges = vec4<f32>(boxes[4 * box], boxes[4 * box + 1], boxes[4 * box + 2], boxes[4 * box + 3]);
      let noNumber = isNoNumber(edges.x) || isNoNumber(edges.y) || isNoNumber(edges.z) || isNoNumber(edges.w);
      if (noNumber || boxImage < 0 || boxImage >= uniforms.batch) {
        return;
      }
      firstPixel = boxImage * uniforms.inHeight * uniforms.inWidth;
      var shift = vec2<f32>(0.0);
      ${
        deformed
          ? `let partY = partOf(binY, uniforms.outHeight, uniforms.partHeight);
      let partX = partOf(binX, uniforms.outWidth, uniforms.partWidth);
      let part = (box * uniforms.partHeight + partY) * uniforms.partWidth + partX;
      let at = 2 * (part * uniforms.classes + owner);
      shift = vec2<f32>(offset[at], offset[at + 1]);`
          : ''
      }
      rows = lineOf(edges.x, edges.z, uniforms.outHeight, binY, uniforms.inHeight, shift.x);
      columns = lineOf(edges.y, edges.w, uniforms.outWidth, binX, uniforms.inWidth, shift.y);
    }
    // Index of a channel of a pixel.
    fn pixelAt(y : i32, x : i32, channel : i32) -> i32 {
      return (firstPixel + y * uniforms.inWidth + x) * uniforms.inChannels + channel;
    }`;
}
