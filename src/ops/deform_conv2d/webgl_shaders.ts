/** Shaders of deformConv2d. */
import { shader } from '../../backends/webgl/shader.js';
import { COLUMN_GRADIENT, COLUMN_INPUTS, COLUMN_UNIFORMS, READS, SAMPLED, SAMPLES } from './webgl_samples.js';

const SAMPLED_IMAGE = { image: 'flat', offset: 'flat', mask: 'flat' } as const;

/** Columns [groups, rows, depth] of a tile: mask · sample, or a hole if the sample lies outside the image. */
export const gatherShader = shader(
  'blocks',
  SAMPLED_IMAGE,
  [...SAMPLED, 'depth', 'first', 'end'],
  `${SAMPLES}${READS}
float element(Sample tapSample, float modulation, int channel) {
  if (!tapSample.inside) return hole;
  float sampled = modulation * bilinear(tapSample, channel);
  // A sample that happens to equal the mark of a hole is replaced by the adjacent float.
  return abs(sampled - hole) < hole - neighbour ? neighbour : sampled;
}
vec4 block(int group, int row, int column) {
  int groupIn = inChannels / groups;
  int taps = kernelHeight * kernelWidth;
  vec4 elements = vec4(0.0);
  for (int side = 0; side < 2; side++) {
    if (column + side >= depth) continue;
    int channel = group * groupIn + (column + side) % groupIn;
    int s = channel / (inChannels / offsetGroups) * taps + (column + side) / groupIn;
    for (int line = 0; line < 2; line++) {
      int position = first + row + line;
      if (position >= end) continue;
      elements[line * 2 + side] = element(sampleOf(position, s), modulationOf(position, s), channel);
    }
  }
  return elements;
}`,
  ['hole', 'neighbour'],
);

/** Gradients of offset y, offset x and mask of every sample of a tile, as the first three numbers of a texel. */
export const samplesShader = shader(
  'texels',
  { ...SAMPLED_IMAGE, ...COLUMN_INPUTS },
  [...SAMPLED, ...COLUMN_UNIFORMS],
  `${SAMPLES}${READS}${COLUMN_GRADIENT}
vec4 value(int index) {
  int samples = offsetGroups * kernelHeight * kernelWidth;
  int position = first + index / samples;
  int s = index % samples;
  Sample tapSample = sampleOf(position, s);
  if (!tapSample.inside) return vec4(0.0);
  int taps = kernelHeight * kernelWidth;
  int groupIn = inChannels / offsetGroups;
  int start = s / taps * groupIn;
  // Σ over the channels of gradient · corner: the gradients of mask and offsets follow from these four sums.
  vec4 corners = vec4(0.0);
  for (int channel = start; channel < start + groupIn; channel++) {
    corners += columnGradient(position, s % taps, channel) * cornersOf(tapSample, channel);
  }
  float modulation = modulationOf(position, s);
  float down = mix(corners.z - corners.x, corners.w - corners.y, tapSample.fraction.y);
  float right = mix(corners.y - corners.x, corners.w - corners.z, tapSample.fraction.x);
  return vec4(modulation * down, modulation * right, dot(cornerWeightsOf(tapSample), corners), 0.0);
}`,
);

/** Contribution of every corner of every sample of a tile to the image gradient, four channels per point. */
export const scatterShader = shader(
  'points',
  { offset: 'flat', mask: 'flat', ...COLUMN_INPUTS },
  [...SAMPLED, ...COLUMN_UNIFORMS, 'quads'],
  `${SAMPLES}${COLUMN_GRADIENT}
bool point(int number, out int index, out vec4 added) {
  index = 0;
  added = vec4(0.0);
  int corner = number & 3;
  int quad = number / 4 % quads;
  int taps = kernelHeight * kernelWidth;
  int samples = offsetGroups * taps;
  int position = first + number / 4 / quads / samples;
  int s = number / 4 / quads % samples;
  Sample tapSample = sampleOf(position, s);
  if (!tapSample.inside || !isPixel(tapSample, corner)) return false;
  int groupIn = inChannels / offsetGroups;
  int group = s / taps;
  float weight = modulationOf(position, s) * cornerWeightsOf(tapSample)[corner];
  for (int lane = 0; lane < min(4, groupIn - quad * 4); lane++) {
    added[lane] = weight * columnGradient(position, s % taps, group * groupIn + quad * 4 + lane);
  }
  index = (pixelOf(tapSample, corner) * offsetGroups + group) * quads + quad;
  return true;
}`,
);

/** Column gradients of a tile, [rows, taps, inChannels]. */
export const columnsShader = shader(
  'flat',
  COLUMN_INPUTS,
  [...SAMPLED, ...COLUMN_UNIFORMS],
  `${COLUMN_GRADIENT}
float value(int index) {
  int taps = kernelHeight * kernelWidth;
  int row = index / inChannels;
  return columnGradient(first + row / taps, row % taps, index % inChannels);
}`,
);

/** Unpacks the image from quads of channels, [pixels, offsetGroups, quads]. */
export const imageShader = shader(
  'flat',
  { fours: 'blocks' },
  ['inChannels', 'offsetGroups', 'quads'],
  `
float value(int index) {
  int groupIn = inChannels / offsetGroups;
  int channel = index % inChannels;
  int within = channel % groupIn;
  int texel = (index / inChannels * offsetGroups + channel / groupIn) * quads + within / 4;
  return foursTexel(texel)[within % 4];
}`,
);
