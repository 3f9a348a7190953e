/** Sampling locations and samples of a deformable convolution, as GLSL functions for its shaders. */
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import { isDepthwise } from '../../kernel/geometry.js';
import type { DeformGeometry } from './kernels.js';

/** Uniforms of every shader that samples. */
export const SAMPLED = [...GEOMETRY, 'offsetGroups', 'modulated'] as const;

/** Uniforms of a geometry: its fields, with flags as 0 or 1. */
export function uniformsOf(g: DeformGeometry) {
  return { ...g, modulated: g.modulated ? 1 : 0, depthwise: isDepthwise(g) ? 1 : 0 };
}

/** Needs the inputs `offset` and `mask`. */
export const SAMPLES = `${ORIGIN}
struct Sample {
  bool inside; // −1 < position < size on both axes; otherwise the sample and all its gradients are 0
  int image;
  ivec2 corner; // (y, x) of the top left corner
  vec2 part; // (y, x) from there
};
// Compilers may optimise isnan and isinf away, so the bits are tested.
bool finite(float number) {
  return (floatBitsToUint(number) & 0x7f800000u) != 0x7f800000u;
}
bool within(float corner, float part, int size) {
  return (corner >= 0.0 || (corner == -1.0 && part > 0.0)) && corner < float(size);
}
// Index of the sample (offset group, tap) of an output position.
Sample sampleOf(int position, int number) {
  Sample place = Sample(false, 0, ivec2(0), vec2(0.0));
  int samples = offsetGroups * kernelHeight * kernelWidth;
  int at = (position * samples + number) * 2;
  vec2 shift = vec2(offset(at), offset(at + 1));
  if (!finite(shift.x) || !finite(shift.y)) return place;
  // Taps lie on whole pixels, so only the offset has a fraction. Taken before anything is added, it keeps its precision
  // however far from the origin the tap is.
  vec2 whole = floor(shift);
  place.part = shift - whole;
  ivec3 origin = originOf(position);
  int tap = number % (kernelHeight * kernelWidth);
  float y = float(origin.y + tap / kernelWidth * dilationHeight) + whole.x;
  float x = float(origin.z + tap % kernelWidth * dilationWidth) + whole.y;
  place.inside = within(y, place.part.x, inHeight) && within(x, place.part.y, inWidth);
  if (place.inside) {
    place.image = origin.x;
    place.corner = ivec2(int(y), int(x));
  }
  return place;
}
// True if a corner (0 to 3: top left, top right, bottom left, bottom right) is inside the image.
bool isPixel(Sample place, int corner) {
  int y = place.corner.x + (corner >> 1);
  int x = place.corner.y + (corner & 1);
  return y >= 0 && y < inHeight && x >= 0 && x < inWidth;
}
int pixelOf(Sample place, int corner) {
  return (place.image * inHeight + place.corner.x + (corner >> 1)) * inWidth + place.corner.y + (corner & 1);
}
// Bilinear weights of the corners.
vec4 weightsOf(Sample place) {
  vec2 y = vec2(1.0 - place.part.x, place.part.x);
  vec2 x = vec2(1.0 - place.part.y, place.part.y);
  return y.xxyy * x.xyxy;
}
float weightOf(int position, int number) {
  return modulated == 1 ? mask(position * offsetGroups * kernelHeight * kernelWidth + number) : 1.0;
}`;

/** Also needs the input `image`. */
export const READS = `
// Values of a channel at the corners; 0 for a corner outside the image.
vec4 cornersOf(Sample place, int channel) {
  vec4 read = vec4(0.0);
  for (int corner = 0; corner < 4; corner++) {
    if (isPixel(place, corner)) read[corner] = image(pixelOf(place, corner) * inChannels + channel);
  }
  return read;
}
float bilinear(Sample place, int channel) {
  return dot(weightsOf(place), cornersOf(place, channel));
}`;

/** Uniforms and inputs of {@link COLUMN_GRADIENT}. */
export const COLUMN_UNIFORMS = ['first', 'depthwise'] as const;
export const COLUMN_INPUTS = { columns: 'blocks', upstream: 'flat', weights: 'flat' } as const;

/**
 * Gradient of one column entry, ∂⟨y, dy⟩ / ∂(mask · sample): from the tile's product with the filter, or directly from
 * dy if the convolution is depthwise.
 */
export const COLUMN_GRADIENT = `
float columnGradient(int position, int tap, int channel) {
  if (depthwise == 0) {
    int groupIn = inChannels / groups;
    return columns(channel / groupIn, position - first, tap * groupIn + channel % groupIn);
  }
  int multiplier = outChannels / inChannels;
  int from = position * outChannels + channel * multiplier;
  int by = tap * outChannels + channel * multiplier;
  float sum = 0.0;
  for (int m = 0; m < multiplier; m++) sum += upstream(from + m) * weights(by + m);
  return sum;
}`;
