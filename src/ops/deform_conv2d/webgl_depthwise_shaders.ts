/** Shaders of depthwise deformConv2d: four channels a fragment, in quads [pixels, offset groups, quads]. */
import { shader } from '../../backends/webgl/shader.js';
import { CORNERS, PLANNED, PLANNED_SAMPLE } from './webgl_plan.js';

export const depthwiseShader = shader(
  'texels',
  { image: 'quads', plan: 'quads', weights: 'quads', bias: 'quads' },
  [...PLANNED, 'biased'],
  `${PLANNED_SAMPLE}${CORNERS}
vec4 value(int index) {
  int columns = offsetGroups * quads;
  int position = quotient(index, columns);
  int column = index - position * columns;
  int s = (position * offsetGroups + quotient(column, quads)) * kernelHeight * kernelWidth;
  ivec3 origin = originOf(position);
  int by = column;
  vec4 sum = biased == 1 ? bias(column) : vec4(0.0);
  for (int ky = 0; ky < kernelHeight; ky++) {
    ivec2 pixel = ivec2(origin.y + ky * dilationHeight, origin.z);
    for (int kx = 0; kx < kernelWidth; kx++) {
      vec4 given = plan(s);
      Sample tapSample = plannedSample(given, origin.x, pixel);
      if (tapSample.inside) sum += given.z * bilinear(tapSample, column, columns) * weights(by);
      pixel.y += dilationWidth;
      by += columns;
      s++;
    }
  }
  return sum;
}`,
);

/** Sums over chunks of positions, [chunks, taps, offset groups, quads]. */
export const depthwiseFilterShader = shader(
  'texels',
  { image: 'quads', plan: 'quads', upstream: 'quads' },
  [...PLANNED, 'rows', 'extent'],
  `${PLANNED_SAMPLE}${CORNERS}
vec4 value(int index) {
  int columns = offsetGroups * quads;
  int taps = kernelHeight * kernelWidth;
  int row = quotient(index, columns);
  int column = index - row * columns;
  int chunk = quotient(row, taps);
  int tap = row - chunk * taps;
  int start = chunk * extent;
  int end = min(start + extent, rows);
  int ky = quotient(tap, kernelWidth);
  int down = ky * dilationHeight;
  int right = (tap - ky * kernelWidth) * dilationWidth;
  ivec3 at = originOf(start) + ivec3(0, down, right);
  int endX = outWidth * strideWidth - padLeft + right;
  int endY = outHeight * strideHeight - padTop + down;
  int s = (start * offsetGroups + quotient(column, quads)) * taps + tap;
  vec4 sum = vec4(0.0);
  for (int position = start; position < end; position++) {
    vec4 given = plan(s);
    Sample tapSample = plannedSample(given, at.x, at.yz);
    if (tapSample.inside) {
      sum += given.z * bilinear(tapSample, column, columns) * upstream(position * columns + column);
    }
    s += offsetGroups * taps;
    at.z += strideWidth;
    if (at.z == endX) {
      at.z = right - padLeft;
      at.y += strideHeight;
      if (at.y == endY) {
        at.y = down - padTop;
        at.x++;
      }
    }
  }
  return sum;
}`,
);

/** Gradients of offset y, offset x and mask of every sample of a tile, as the first three numbers of a texel. */
export const depthwiseSamplesShader = shader(
  'texels',
  { image: 'quads', plan: 'quads', upstream: 'quads', weights: 'quads' },
  [...PLANNED, 'first'],
  `${PLANNED_SAMPLE}${CORNERS}
vec4 value(int index) {
  int taps = kernelHeight * kernelWidth;
  int samples = offsetGroups * taps;
  int row = quotient(index, samples);
  int s = index - row * samples;
  int position = first + row;
  int group = quotient(s, taps);
  int tap = s - group * taps;
  int ky = quotient(tap, kernelWidth);
  ivec3 origin = originOf(position);
  ivec2 pixel = origin.yz + ivec2(ky * dilationHeight, (tap - ky * kernelWidth) * dilationWidth);
  vec4 given = plan(position * samples + s);
  Sample tapSample = plannedSample(given, origin.x, pixel);
  if (!tapSample.inside) return vec4(0.0);
  int columns = offsetGroups * quads;
  Corners corners = cornersOf(tapSample, columns);
  // Σ over the channels of gradient · corner: the gradients of mask and offsets follow from these four sums.
  vec4 sums = vec4(0.0);
  for (int column = group * quads; column < (group + 1) * quads; column++) {
    vec4 gradient = upstream(position * columns + column) * weights(tap * columns + column);
    sums += gradient * valuesAt(corners, column);
  }
  float down = mix(sums.z - sums.x, sums.w - sums.y, tapSample.fraction.y);
  float right = mix(sums.y - sums.x, sums.w - sums.z, tapSample.fraction.x);
  return vec4(given.z * down, given.z * right, dot(cornerWeightsOf(tapSample), sums), 0.0);
}`,
);

/**
 * Contribution of each sample to the image gradient. The pixels lie in planes, one for each image and offset group, with a
 * margin of one pixel; the quads of a pixel are a square of `side` × `side` texels, so that the four pixels of a sample are
 * a square too.
 */
export const depthwiseScatterShader = shader(
  'squares',
  { plan: 'quads', upstream: 'quads', weights: 'quads' },
  [...PLANNED, 'side', 'across', 'squareSize'],
  `${PLANNED_SAMPLE}
bool square(int number, out ivec2 first, out vec4 numbers, out ivec4 indices) {
  int taps = kernelHeight * kernelWidth;
  int row = quotient(number, taps);
  int tap = number - row * taps;
  int position = quotient(row, offsetGroups);
  int group = row - position * offsetGroups;
  int ky = quotient(tap, kernelWidth);
  ivec3 origin = originOf(position);
  ivec2 pixel = origin.yz + ivec2(ky * dilationHeight, (tap - ky * kernelWidth) * dilationWidth);
  vec4 given = plan(number);
  Sample tapSample = plannedSample(given, origin.x, pixel);
  if (!tapSample.inside) return false;
  int plane = origin.x * offsetGroups + group;
  int line = quotient(plane, across);
  ivec2 corner = ivec2(plane - line * across, line) * ivec2(inWidth + 2, inHeight + 2) + tapSample.topLeft.yx + 1;
  first = corner * side;
  numbers = given.z * cornerWeightsOf(tapSample);
  indices = ivec4(row * quads, (tap * offsetGroups + group) * quads, 0, 0);
  return true;
}
bool value(ivec2 texel, vec4 numbers, ivec4 indices, out vec4 added) {
  bool bottom = texel.y >= side;
  bool right = texel.x >= side;
  int quad = (bottom ? texel.y - side : texel.y) * side + (right ? texel.x - side : texel.x);
  if (quad >= quads) return false;
  vec2 row = bottom ? numbers.zw : numbers.xy;
  float weight = right ? row.y : row.x;
  added = weight * (upstream(indices.x + quad) * weights(indices.y + quad));
  return true;
}`,
);

/** Column gradients of a tile, [positions, taps, inChannels]. */
export const depthwiseColumnsShader = shader(
  'flat',
  { upstream: 'flat', weights: 'flat' },
  ['kernelHeight', 'kernelWidth', 'inChannels', 'outChannels', 'first'],
  `
float value(int index) {
  int row = quotient(index, inChannels);
  int channel = index - row * inChannels;
  int taps = kernelHeight * kernelWidth;
  int position = quotient(row, taps);
  int multiplier = quotient(outChannels, inChannels);
  int from = (first + position) * outChannels + channel * multiplier;
  int by = (row - position * taps) * outChannels + channel * multiplier;
  float sum = 0.0;
  for (int m = 0; m < multiplier; m++) sum += upstream(from + m) * weights(by + m);
  return sum;
}`,
);
