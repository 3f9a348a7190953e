/** Shaders of the region operators, one set per sampling (src/ops/roi/webgl_regions.ts). */
import { shader, type Layout, type Output, type Shader } from '../../backends/webgl/shader.js';
import { REGIONS, SAMPLINGS, type SamplingName } from './form.js';
import { PAGE_INTS, PAGES } from './webgl_pages.js';
import { BINS, SAMPLING_CODE } from './webgl_regions.js';

const BOXES = { boxes: 'flat', boxImages: 'flat', offset: 'flat' } as const;

/** A shader that computes bins. */
function binShader<Input extends string>(
  sampling: SamplingName,
  output: Output,
  inputs: Readonly<Record<Input, Layout>>,
  source: string,
  ints: readonly string[] = [],
): Shader<Input | keyof typeof BOXES> {
  return shader<Input | keyof typeof BOXES, string, string>(
    output,
    { ...BOXES, ...inputs },
    [...REGIONS, ...SAMPLINGS[sampling].integers, 'deformed', ...ints],
    `${SAMPLING_CODE[sampling]}${BINS}${source}`,
    SAMPLINGS[sampling].floats,
  );
}

/** Loop over the samples (y, x) of the current bin inside the image. */
const forSamples = (statements: string): string => `
  for (int ky = 0; ky < rows.count; ky++) {
    Point y = pointOf(rows, ky, inHeight);
    if (!y.inside) continue;
    for (int kx = 0; kx < columns.count; kx++) {
      Point x = pointOf(columns, kx, inWidth);
      if (!x.inside) continue;
      ${statements}
    }
  }`;

/** Sets up the bin of an output element and returns the channel that it reads. */
const ELEMENTS = `
int openElement(int index) {
  int channel = index % outChannels;
  int bin = index / outChannels;
  openBin(bin, channel / (outChannels / classes));
  return channel * groupHeight * groupWidth + groupOf(bin);
}`;

/** Mean of a bin. A pixel with weight 0 is not read, since it may be infinite. */
const meanShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'flat',
    { image: 'flat' },
    `${ELEMENTS}
float alongRow(int y, Point x, int channel) {
  float start = image(pixelAt(y, x.position, channel));
  if (x.fraction == 0.0) return start;
  return (1.0 - x.fraction) * start + x.fraction * image(pixelAt(y, x.position + 1, channel));
}
float interpolated(Point y, Point x, int channel) {
  float top = alongRow(y.position, x, channel);
  if (y.fraction == 0.0) return top;
  return (1.0 - y.fraction) * top + y.fraction * alongRow(y.position + 1, x, channel);
}
float value(int index) {
  int channel = openElement(index);
  float sum = 0.0;
  ${forSamples('sum += interpolated(y, x, channel);')}
  return sum * rows.mean * columns.mean;
}`,
  );

/**
 * Contribution of every bin to the image gradient: a rectangle of the pixels that it reads, on the page of its
 * channels. Each pixel gets the weight of its row times that of its column, however many samples are near it.
 */
const spreadShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'rectangles',
    { upstream: 'flat' },
    `${PAGES}
// Sets up the bin of a rectangle and returns its index, class and chunk of channels.
ivec3 openRectangle(int number) {
  int bin = number / chunks / classes;
  int owner = number / chunks % classes;
  openBin(bin, owner);
  return ivec3(bin, owner, number % chunks);
}
ivec2 cornerOf(ivec3 which) {
  return pageOf(pageNumber(imageOf(binOf(which.x).x), groupOf(which.x), which.y, which.z));
}
bool rectangle(int number, out ivec4 texels) {
  texels = ivec4(0);
  ivec3 which = openRectangle(number);
  if (rows.count == 0 || columns.count == 0) return false;
  ivec2 corner = cornerOf(which);
  if (corner.x < 0) return false;
  ivec2 y = reachOf(rows, inHeight);
  ivec2 x = reachOf(columns, inWidth);
  texels = corner.xyxy + ivec4(x.x * pageQuads, y.x, (x.y + 1) * pageQuads, y.y + 1);
  return true;
}
vec4 value(int number, ivec2 texel) {
  ivec3 which = openRectangle(number);
  ivec2 within = texel - cornerOf(which);
  float weight = weightAt(rows, within.y, inHeight) * weightAt(columns, within.x / pageQuads, inWidth);
  vec4 added = vec4(0.0);
  if (weight == 0.0) return added;
  int classChannels = outChannels / classes;
  int start = (which.z * pageQuads + within.x % pageQuads) * 4;
  for (int lane = 0; lane < min(4, classChannels - start); lane++) {
    added[lane] = weight * upstream(which.x * outChannels + which.y * classChannels + start + lane);
  }
  return added;
}`,
    PAGE_INTS,
  );

/**
 * Gradient of an offset, (y, x), in the first two components of a texel, summed over the bins of its part and its
 * channels.
 */
const offsetShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'texels',
    { image: 'flat', upstream: 'flat' },
    `
// ∂(interpolated value)/∂(location), the right-hand derivative at whole pixels, of a sample that moves.
float slope(float from, float to, bool moves) {
  return moves ? to - from : 0.0;
}
vec4 value(int index) {
  int owner = index % classes;
  int partX = index / classes % partWidth;
  int partY = index / classes / partWidth % partHeight;
  int box = index / classes / partWidth / partHeight;
  int classChannels = outChannels / classes;
  vec2 sums = vec2(0.0);
  for (int binY = 0; binY < outHeight; binY++) {
    if (partOf(binY, outHeight, partHeight) != partY) continue;
    for (int binX = 0; binX < outWidth; binX++) {
      if (partOf(binX, outWidth, partWidth) != partX) continue;
      int bin = (box * outHeight + binY) * outWidth + binX;
      openBin(bin, owner);
      int group = groupOf(bin);
      float mean = rows.mean * columns.mean;
      ${forSamples(`
      int down = y.moves ? y.position + 1 : y.position;
      int right = x.moves ? x.position + 1 : x.position;
      for (int c = owner * classChannels; c < (owner + 1) * classChannels; c++) {
        int channel = c * groupHeight * groupWidth + group;
        float topLeft = image(pixelAt(y.position, x.position, channel));
        float topRight = image(pixelAt(y.position, right, channel));
        float bottomLeft = image(pixelAt(down, x.position, channel));
        float bottomRight = image(pixelAt(down, right, channel));
        float slopeY = mix(slope(topLeft, bottomLeft, y.moves), slope(topRight, bottomRight, y.moves), x.fraction);
        float slopeX = mix(slope(topLeft, topRight, x.moves), slope(bottomLeft, bottomRight, x.moves), y.fraction);
        sums += upstream(bin * outChannels + c) * mean * vec2(rows.offsetScale * slopeY, columns.offsetScale * slopeX);
      }`)}
    }
  }
  return vec4(sums, 0.0, 0.0);
}`,
  );

/** Finds the maximum of the current bin, the first of equal values; NaN is skipped. */
const FIND_MAXIMUM = `
const float LOWEST = uintBitsToFloat(0xff800000u); // −∞
bool isNaN(float value) {
  return (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u;
}
struct Maximum {
  float value;
  int pixel; // −1: none is above −∞
};
Maximum maximumOf(int channel) {
  Maximum best = Maximum(LOWEST, -1);
  ${forSamples(`
      int pixel = pixelAt(y.position, x.position, channel);
      float read = image(pixel);
      if (!isNaN(read) && read > best.value) best = Maximum(read, pixel);`)}
  return best;
}`;

/** Maximum of a bin; 0 for a bin without pixels. */
const maximumShader = binShader(
  'pixels',
  'flat',
  { image: 'flat' },
  `${ELEMENTS}${FIND_MAXIMUM}
float value(int index) {
  int channel = openElement(index);
  return rows.count > 0 && columns.count > 0 ? maximumOf(channel).value : 0.0;
}`,
);

/** Contribution of every output element to the image gradient: a point at the position of its maximum. */
const spreadToMaximaShader = binShader(
  'pixels',
  'points',
  { image: 'flat', upstream: 'flat' },
  `${ELEMENTS}${FIND_MAXIMUM}
bool point(int number, out int index, out vec4 added) {
  index = maximumOf(openElement(number)).pixel;
  added = vec4(upstream(number), 0.0, 0.0, 0.0);
  return index >= 0;
}`,
);

const weighted = (sampling: SamplingName) => ({
  mean: meanShader(sampling),
  spread: spreadShader(sampling),
  offset: offsetShader(sampling),
});

/** Shaders whose bins are means of samples. */
export const WEIGHTED = {
  aligned: weighted('aligned'),
  parts: weighted('parts'),
  pixels: weighted('pixels'),
} as const satisfies Record<SamplingName, unknown>;

/** Shaders whose bins are maxima. */
export const MAXIMUM = { maximum: maximumShader, spread: spreadToMaximaShader } as const;
