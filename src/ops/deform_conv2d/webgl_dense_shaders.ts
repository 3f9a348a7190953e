/**
 * Shaders of deformConv2d with a full filter: four channels a fragment. Lines of columns are [positions, taps, pieces],
 * where a piece is a segment of the channels that one group and one offset group have in common.
 */
import { FOURS, FOURS_INPUTS } from '../../backends/webgl/line_products.js';
import { shader } from '../../backends/webgl/shader.js';
import { CORNERS, PLANNED, PLANNED_SAMPLE } from './webgl_plan.js';

/** Uniforms of the pieces: channels per piece, pieces per pixel; and the first position of a tile. */
const PIECES = [...PLANNED, 'piece', 'pieces', 'start'] as const;

/** GLSL function `Sample sampleAt(int position, int s, out float modulation)`. */
const SAMPLE_AT = `${PLANNED_SAMPLE}
Sample sampleAt(int position, int s, out float modulation) {
  int taps = kernelHeight * kernelWidth;
  int tap = s - quotient(s, taps) * taps;
  int ky = quotient(tap, kernelWidth);
  ivec3 origin = originOf(position);
  ivec2 pixel = origin.yz + ivec2(ky * dilationHeight, (tap - ky * kernelWidth) * dilationWidth);
  vec4 given = plan(position * offsetGroups * taps + s);
  modulation = given.z;
  return plannedSample(given, origin.x, pixel);
}`;

/** GLSL function that sets lanes past the end of a piece to 0. */
const WITHIN = `
vec4 within(vec4 lanes, int quad) {
  return mix(vec4(0.0), lanes, lessThan(ivec4(0, 1, 2, 3) + quad * 4, ivec4(piece)));
}`;

/** Columns of a tile: mask · sample, or holes if the sample lies outside the image. */
export const columnsShader = shader(
  'texels',
  { image: 'quads', plan: 'quads' },
  PIECES,
  `${SAMPLE_AT}${CORNERS}${WITHIN}
vec4 value(int index) {
  int row = quotient(index, quads);
  int quad = index - row * quads;
  int entry = quotient(row, pieces);
  int line = row - entry * pieces;
  int taps = kernelHeight * kernelWidth;
  row = quotient(entry, taps);
  int group = quotient(line * offsetGroups, pieces);
  float modulation;
  Sample tapSample = sampleAt(start + row, group * taps + entry - row * taps, modulation);
  if (!tapSample.inside) return vec4(hole);
  vec4 sampled = modulation * bilinear(tapSample, line * quads + quad, pieces * quads);
  // A sample that happens to equal the mark of a hole is replaced by the adjacent float.
  return within(mix(sampled, vec4(neighbour), lessThan(abs(sampled - hole), vec4(hole - neighbour))), quad);
}`,
  ['hole', 'neighbour'],
);

/** Gradients of four channels of a column of the tile: a product [positions / 4, groups, taps, segments, quads]. */
const COLUMN_GRADIENT = `${FOURS}
vec4 columnGradient(int row, int tap, int line, int quad) {
  int segments = quotient(pieces, groups);
  int group = quotient(line, segments);
  int column = (group * kernelHeight * kernelWidth + tap) * segments + line - group * segments;
  return foursTexel(row & 3, (row / 4 * kernelHeight * kernelWidth * pieces + column) * quads + quad);
}`;

/** Gradients of offset y, offset x and mask of every sample of a tile, as the first three numbers of a texel. */
export const sampleGradientsShader = shader(
  'texels',
  { image: 'quads', plan: 'quads', ...FOURS_INPUTS },
  PIECES,
  `${SAMPLE_AT}${CORNERS}${WITHIN}${COLUMN_GRADIENT}
vec4 value(int index) {
  int taps = kernelHeight * kernelWidth;
  int samples = offsetGroups * taps;
  int row = quotient(index, samples);
  int s = index - row * samples;
  float modulation;
  Sample tapSample = sampleAt(start + row, s, modulation);
  if (!tapSample.inside) return vec4(0.0);
  Corners corners = cornersOf(tapSample, pieces * quads);
  int shared = quotient(pieces, offsetGroups);
  int group = quotient(s, taps);
  // Σ over the channels of gradient · corner: the gradients of mask and offsets follow from these four sums.
  vec4 sums = vec4(0.0);
  for (int line = group * shared; line < (group + 1) * shared; line++) {
    for (int quad = 0; quad < quads; quad++) {
      vec4 gradient = within(columnGradient(row, s - group * taps, line, quad), quad);
      sums += gradient * valuesAt(corners, line * quads + quad);
    }
  }
  float down = mix(sums.z - sums.x, sums.w - sums.y, tapSample.fraction.y);
  float right = mix(sums.y - sums.x, sums.w - sums.z, tapSample.fraction.x);
  return vec4(modulation * down, modulation * right, dot(cornerWeightsOf(tapSample), sums), 0.0);
}`,
);

/** Contribution of every sample of a tile to the image gradient: see webgl_planes.ts. */
export const denseScatterShader = shader(
  'squares',
  { plan: 'quads', ...FOURS_INPUTS },
  [...PIECES, 'side', 'across', 'squareSize'],
  `${SAMPLE_AT}${COLUMN_GRADIENT}
bool square(int number, out ivec2 first, out vec4 numbers, out ivec4 indices) {
  int taps = kernelHeight * kernelWidth;
  int row = quotient(number, offsetGroups * taps);
  int s = number - row * offsetGroups * taps;
  float modulation;
  Sample tapSample = sampleAt(start + row, s, modulation);
  if (!tapSample.inside) return false;
  int group = quotient(s, taps);
  int plane = tapSample.image * offsetGroups + group;
  int line = quotient(plane, across);
  ivec2 corner = ivec2(plane - line * across, line) * ivec2(inWidth + 2, inHeight + 2) + tapSample.topLeft.yx + 1;
  first = corner * side;
  numbers = modulation * cornerWeightsOf(tapSample);
  indices = ivec4(row, s - group * taps, group, 0);
  return true;
}
bool value(ivec2 texel, vec4 numbers, ivec4 indices, out vec4 added) {
  bool bottom = texel.y >= side;
  bool right = texel.x >= side;
  int column = (bottom ? texel.y - side : texel.y) * side + (right ? texel.x - side : texel.x);
  int shared = quotient(pieces, offsetGroups);
  if (column >= shared * quads) return false;
  int line = quotient(column, quads);
  vec2 row = bottom ? numbers.zw : numbers.xy;
  float weight = right ? row.y : row.x;
  added = weight * columnGradient(indices.x, indices.y, indices.z * shared + line, column - line * quads);
  return true;
}`,
);

/** Column gradients of a tile, [positions, taps, inChannels]. */
export const denseColumnsShader = shader(
  'flat',
  FOURS_INPUTS,
  ['kernelHeight', 'kernelWidth', 'inChannels', 'groups', 'piece', 'pieces', 'quads'],
  `${COLUMN_GRADIENT}
float value(int index) {
  int entry = quotient(index, inChannels);
  int channel = index - entry * inChannels;
  int row = quotient(entry, kernelHeight * kernelWidth);
  int line = quotient(channel, piece);
  channel -= line * piece;
  return columnGradient(row, entry - row * kernelHeight * kernelWidth, line, channel / 4)[channel & 3];
}`,
);
