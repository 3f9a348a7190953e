/**
 * Sampling of the region operators in GLSL (src/ops/roi/plan.ts is the counterpart for the backends that plan on the
 * CPU). The boxes stay on the device, so there is no plan: each invocation computes its own bin. A bin is a grid of
 * samples: one line along each axis. A box that is not finite, or belongs to no image of the batch, reads nothing.
 */
import type { SamplingName } from './form.js';

/** Samples more than `margin` outside the centres of the outermost pixels read nothing. */
const lines = (margin: string): string => `
const float MARGIN = ${margin};
struct Line {
  // Sample locations: first + (begin + index + phase) · length / parts for index below count.
  float first;
  float length;
  float parts;
  float phase;
  // Approximate distance between samples.
  float step;
  // Bound on the rounding error of a sampling location.
  float slack;
  float begin;
  int count;
  // Weight of each sample in the mean.
  float mean;
  // Distance in pixels by which an offset of 1 moves them.
  float offsetScale;
};
struct Point {
  bool inside;
  // True if it moves with its offset: false when clamped to the edge.
  bool moves;
  int position;
  float fraction;
};
// Compilers may optimise isnan and isinf away, so the bits are tested.
bool isNoNumber(float value) {
  return (floatBitsToUint(value) & 0x7f800000u) == 0x7f800000u;
}
// Keeps a product from being fused with a following addition: box sizes are float32 on every backend.
float rounded(float value) {
  return intBitsToFloat(floatBitsToInt(value) ^ zero);
}
// Rounds to the nearest integer, ties away from zero.
float roundHalfAway(float value) {
  float size = floor(abs(value));
  return sign(value) * (abs(value) - size >= 0.5 ? size + 1.0 : size);
}
// A correctly rounded quotient, as on the CPU; the device's division may be off in the last bits. The remainder of the
// first attempt is exact for divisors of 12 bits.
float quotient(float dividend, float divisor) {
  float attempt = rounded(dividend / divisor);
  float high = intBitsToFloat(floatBitsToInt(attempt) & ~0xfff);
  float rest = rounded(dividend - rounded(high * divisor)) - rounded(rounded(attempt - high) * divisor);
  return rounded(attempt + rest / divisor);
}
// A line of samples. Only those near the image are visited, however many there are.
Line newLine(float first, float length, float parts, float phase, float samples, int size, float offsetScale) {
  float last = float(size - 1);
  float step = length / parts;
  float slack = min((abs(first) + abs(step) * samples) * 2.384185791015625e-7, 64.0);
  float begin = 0.0;
  float end = samples - 1.0;
  if (step > 0.0) {
    begin = max(begin, ceil((-MARGIN - slack - first) / step - phase) - 1.0);
    end = min(end, floor((last + MARGIN + slack - first) / step - phase) + 1.0);
  }
  int count = int(clamp(end - begin + 1.0, 0.0, 16777216.0));
  if (isNoNumber(first) || isNoNumber(step) || size < 1) count = 0;
  return Line(first, length, parts, phase, step, slack, begin, count, samples > 0.0 ? 1.0 / samples : 0.0, offsetScale);
}
Point pointOf(Line line, int index, int size) {
  float last = float(size - 1);
  float along = rounded((line.begin + float(index) + line.phase) * line.length);
  float location = rounded(line.first + quotient(along, line.parts));
  float clamped = clamp(location, 0.0, last);
  float position = floor(clamped);
  bool inside = location >= -MARGIN && location <= last + MARGIN;
  return Point(inside, location >= 0.0 && position < last, int(position), clamped - position);
}
// First and last pixel that a line with at least one sample may read.
ivec2 reachOf(Line line, int size) {
  int start = pointOf(line, 0, size).position;
  int end = pointOf(line, line.count - 1, size).position;
  return ivec2(min(start, end), min(max(start, end) + 1, size - 1));
}
// Weight of a pixel in the mean over a line.
float weightAt(Line line, int position, int size) {
  int from = 0;
  int to = line.count - 1;
  if (line.step > 0.0) {
    // Samples less than a pixel away, including those clamped to the edge, and one more on either side.
    float low = (float(position - 1) - line.slack - line.first) / line.step - line.phase - line.begin;
    float high = (float(position + 1) + line.slack - line.first) / line.step - line.phase - line.begin;
    from = int(clamp(floor(low) - 1.0, 0.0, 16777216.0));
    to = min(to, int(clamp(ceil(high) + 1.0, -1.0, 16777216.0)));
  }
  float sum = 0.0;
  for (int index = from; index <= to; index++) {
    Point point = pointOf(line, index, size);
    if (!point.inside) continue;
    if (point.position == position) sum += 1.0 - point.fraction;
    else if (point.position + 1 == position) sum += point.fraction;
  }
  return sum * line.mean;
}`;

const SPANS = `
struct Span {
  float start;
  float size;
};
Span spanOf(float start, float end, float shift) {
  float first = rounded(rounded(start * spatialScale) - shift);
  float last = rounded(rounded(end * spatialScale) - shift);
  return Span(first, last - first);
}`;

const ALIGNED = `${lines('1.0')}${SPANS}
// The smallest integer n with n · \`bins\` ≥ size; by multiplication, which is exact.
float wholeParts(float size, float bins) {
  float parts = ceil(size / bins);
  if ((parts - 1.0) * bins >= size) return parts - 1.0;
  return parts * bins < size ? parts + 1.0 : parts;
}
Line lineOf(float start, float end, int bins, int bin, int size, float shift) {
  Span span = spanOf(start, end, halfPixel);
  span.size = max(span.size, smallest);
  float offsetScale = rounded(gamma * span.size);
  span.start = rounded(span.start + rounded(offsetScale * shift));
  float count = samplingRatio > 0 ? float(samplingRatio) : wholeParts(span.size, float(bins));
  // Order and rounding as in torchvision, see binSamples of src/ops/roi/geometry.ts.
  float length = quotient(span.size, float(bins));
  float first = rounded(span.start + rounded(float(bin) * length));
  return newLine(first, length, count, 0.5, count, size, offsetScale);
}`;

const PARTS = `${lines('0.5')}${SPANS}
Line lineOf(float start, float end, int bins, int bin, int size, float shift) {
  Span span = spanOf(roundHalfAway(start), roundHalfAway(end) + 1.0, 0.5);
  span.size = max(span.size, 0.1);
  float offsetScale = transStd * span.size;
  float count = float(samplesPerPart);
  float step = span.size / float(bins) / count;
  float first = span.start + float(bin) * span.size / float(bins) + offsetScale * shift;
  Line line = newLine(first, step, 1.0, 0.0, count, size, offsetScale);
  float kept = 0.0;
  for (int index = 0; index < line.count; index++) {
    if (pointOf(line, index, size).inside) kept += 1.0;
  }
  line.mean = kept > 0.0 ? 1.0 / kept : 0.0;
  return line;
}`;

const PIXELS = `${lines('0.0')}
int roundedEdge(float location) {
  return int(clamp(roundHalfAway(rounded(location * spatialScale)), -1073741824.0, 1073741760.0));
}
// bin · pixels / bins, rounded down or up, without a product that could overflow.
int binEdge(uint pixels, uint bins, uint bin, uint up) {
  return int(bin * (pixels / bins) + (bin * (pixels % bins) + up * (bins - 1u)) / bins);
}
Line lineOf(float start, float end, int bins, int bin, int size, float shift) {
  int first = roundedEdge(start);
  int last = roundedEdge(end);
  uint pixels = last > first ? uint(last) - uint(first) : 0u;
  if (last >= first) pixels += uint(inclusive);
  pixels = max(pixels, 1u);
  int limit = max(size - 1 + inclusive, 0);
  int begin = clamp(first + binEdge(pixels, uint(bins), uint(bin), 0u), 0, limit);
  int stop = clamp(first + binEdge(pixels, uint(bins), uint(bin) + 1u, 1u), 0, limit);
  return newLine(float(begin), 1.0, 1.0, 0.0, float(stop - begin), size, 0.0);
}`;

/**
 * Ways to sample bins. Each defines `lineOf(start, end, bins, bin, size, shift)` for one axis of a box from `start` to
 * `end`, moved by the offset `shift`, on an image of `size` pixels.
 */
export const SAMPLING_CODE: Readonly<Record<SamplingName, string>> = { aligned: ALIGNED, parts: PARTS, pixels: PIXELS };

/**
 * `openBin(bin, owner)` sets `rows`, `columns` and `firstPixel` for a bin, indexed over all boxes and moved by the
 * offset of class `owner`; `groupOf(bin)` returns the first channel that it reads. Reads `boxes`, `boxImages` and, if
 * the operator is `deformed`, `offset`.
 */
export const BINS = `
Line rows;
Line columns;
int firstPixel;

// Index of the part that a bin belongs to, of \`parts\` equal parts of an axis.
int partOf(int bin, int bins, int parts) {
  return bin * parts / bins;
}
// Box, row and column of a bin.
ivec3 binOf(int bin) {
  return ivec3(bin / outWidth / outHeight, bin / outWidth % outHeight, bin % outWidth);
}
int groupOf(int bin) {
  ivec3 indices = binOf(bin);
  return partOf(indices.y, outHeight, groupHeight) * groupWidth + partOf(indices.z, outWidth, groupWidth);
}
// Image of a box, −1 if the box reads nothing.
int imageOf(int box) {
  for (int k = 0; k < 4; k++) {
    if (isNoNumber(boxes(box * 4 + k))) return -1;
  }
  float index = boxImages(box);
  return index >= 0.0 && index < float(batch) ? int(index) : -1;
}
void openBin(int bin, int owner) {
  ivec3 indices = binOf(bin);
  rows.count = 0;
  columns.count = 0;
  int boxImage = imageOf(indices.x);
  if (boxImage < 0) return;
  firstPixel = boxImage * inHeight * inWidth;
  vec2 shift = vec2(0.0);
  if (deformed == 1) {
    int part = (indices.x * partHeight + partOf(indices.y, outHeight, partHeight)) * partWidth
      + partOf(indices.z, outWidth, partWidth);
    int at = (part * classes + owner) * 2;
    shift = vec2(offset(at), offset(at + 1));
  }
  int box = indices.x * 4;
  rows = lineOf(boxes(box), boxes(box + 2), outHeight, indices.y, inHeight, shift.x);
  columns = lineOf(boxes(box + 1), boxes(box + 3), outWidth, indices.z, inWidth, shift.y);
}
// Index of a channel of a pixel.
int pixelAt(int y, int x, int channel) {
  return (firstPixel + y * inWidth + x) * inChannels + channel;
}`;
