/** Shaders of the region operators, one set for each way to sample (src/ops/roi/webgl_regions.ts). */
import { shader, type Layout, type Output, type Shader } from '../../backends/webgl/shader.js';
import { REGIONS, SAMPLINGS, type SamplingName } from './form.js';
import { PAGE_INTS, PAGES } from './webgl_pages.js';
import { BINS, SAMPLING_CODE } from './webgl_regions.js';

const BOXES = { boxes: 'flat', boxImages: 'flat', offset: 'flat' } as const;

/** A shader that works out bins. */
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

/** Statements for every sample (y, x) of the open bin that lies inside. */
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

/** Opens the bin of an element of the output and returns the channel that it reads. */
const ELEMENTS = `
int openElement(int index) {
  int channel = index % outChannels;
  int bin = index / outChannels;
  openBin(bin, channel / (outChannels / classes));
  return channel * groupHeight * groupWidth + groupOf(bin);
}`;

/** The mean of a bin. A pixel of weight 0 is not read: it may be infinite. */
const meanShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'flat',
    { image: 'flat' },
    `${ELEMENTS}
float alongRow(int y, Point x, int channel) {
  float start = image(pixelAt(y, x.place, channel));
  if (x.fraction == 0.0) return start;
  return (1.0 - x.fraction) * start + x.fraction * image(pixelAt(y, x.place + 1, channel));
}
float interpolated(Point y, Point x, int channel) {
  float top = alongRow(y.place, x, channel);
  if (y.fraction == 0.0) return top;
  return (1.0 - y.fraction) * top + y.fraction * alongRow(y.place + 1, x, channel);
}
float value(int index) {
  int channel = openElement(index);
  float sum = 0.0;
  ${forSamples('sum += interpolated(y, x, channel);')}
  return sum * rows.share * columns.share;
}`,
  );

/**
 * What every bin adds to the image gradient: a rectangle of the pixels that it reads, on the page of its channels. A pixel
 * gets the weight of its row times that of its column, however many samples are near it.
 */
const spreadShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'rectangles',
    { upstream: 'flat' },
    `${PAGES}
// Opens the bin of a rectangle; the result is its number, its class and its chunk of channels.
ivec3 openRectangle(int number) {
  int bin = number / chunks / classes;
  int owner = number / chunks % classes;
  openBin(bin, owner);
  return ivec3(bin, owner, number % chunks);
}
ivec2 cornerOf(ivec3 which) {
  return pageOf(pageNumber(imageOf(placeOf(which.x).x), groupOf(which.x), which.y, which.z));
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

/** Gradients of an offset, (y, x), as the first two numbers of a texel: over the bins of its part and its channels. */
const offsetShader = (sampling: SamplingName) =>
  binShader(
    sampling,
    'texels',
    { image: 'flat', upstream: 'flat' },
    `
// ∂(interpolated value)/∂(position), the right-hand one at whole pixels, of a point that moves.
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
      float share = rows.share * columns.share;
      ${forSamples(`
      int down = y.moves ? y.place + 1 : y.place;
      int right = x.moves ? x.place + 1 : x.place;
      for (int c = owner * classChannels; c < (owner + 1) * classChannels; c++) {
        int channel = c * groupHeight * groupWidth + group;
        float topLeft = image(pixelAt(y.place, x.place, channel));
        float topRight = image(pixelAt(y.place, right, channel));
        float bottomLeft = image(pixelAt(down, x.place, channel));
        float bottomRight = image(pixelAt(down, right, channel));
        float slopeY = mix(slope(topLeft, bottomLeft, y.moves), slope(topRight, bottomRight, y.moves), x.fraction);
        float slopeX = mix(slope(topLeft, topRight, x.moves), slope(bottomLeft, bottomRight, x.moves), y.fraction);
        sums += upstream(bin * outChannels + c) * share * vec2(rows.travel * slopeY, columns.travel * slopeX);
      }`)}
    }
  }
  return vec4(sums, 0.0, 0.0);
}`,
  );

/** Finds the largest pixel of the open bin, the first of equals; NaN is passed over. */
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
      int pixel = pixelAt(y.place, x.place, channel);
      float read = image(pixel);
      if (!isNaN(read) && read > best.value) best = Maximum(read, pixel);`)}
  return best;
}`;

/** The largest pixel of a bin; a bin without pixels is 0. */
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

/** What every element of the output adds to the image gradient: a point where its maximum stands. */
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

/** Of bins that are means of samples. */
export const WEIGHTED = {
  aligned: weighted('aligned'),
  parts: weighted('parts'),
  pixels: weighted('pixels'),
} as const satisfies Record<SamplingName, unknown>;

/** Of bins that are the largest of their pixels. */
export const MAXIMUM = { maximum: maximumShader, spread: spreadToMaximaShader } as const;
