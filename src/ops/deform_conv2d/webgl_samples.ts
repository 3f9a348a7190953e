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

/** A sample. */
export const SAMPLE = `${ORIGIN}
struct Sample {
  bool inside; // −1 < position < size on both axes; otherwise the sample and all its gradients are 0
  int image;
  ivec2 topLeft; // (y, x) of the top left corner
  vec2 fraction; // (y, x) from there
};
// Bilinear weights of the corners.
vec4 cornerWeightsOf(Sample tapSample) {
  vec2 y = vec2(1.0 - tapSample.fraction.x, tapSample.fraction.x);
  vec2 x = vec2(1.0 - tapSample.fraction.y, tapSample.fraction.y);
  return y.xxyy * x.xyxy;
}`;

/** Samples from the inputs `offset` and `mask`. */
export const SAMPLES = `${SAMPLE}
// Compilers may optimise isnan and isinf away, so the bits are tested.
bool finite(float value) {
  return (floatBitsToUint(value) & 0x7f800000u) != 0x7f800000u;
}
bool within(float start, float fraction, int size) {
  return (start >= 0.0 || (start == -1.0 && fraction > 0.0)) && start < float(size);
}
// Sample s = offset group · taps + tap of an output position.
Sample sampleOf(int position, int s) {
  Sample tapSample = Sample(false, 0, ivec2(0), vec2(0.0));
  int samples = offsetGroups * kernelHeight * kernelWidth;
  int at = (position * samples + s) * 2;
  vec2 shift = vec2(offset(at), offset(at + 1));
  if (!finite(shift.x) || !finite(shift.y)) return tapSample;
  // Taps lie on whole pixels, so only the offset has a fraction. Taken before anything is added, it keeps its precision
  // however far from the origin the tap is.
  vec2 floored = floor(shift);
  tapSample.fraction = shift - floored;
  ivec3 origin = originOf(position);
  int tap = s % (kernelHeight * kernelWidth);
  float top = float(origin.y + tap / kernelWidth * dilationHeight) + floored.x;
  float left = float(origin.z + tap % kernelWidth * dilationWidth) + floored.y;
  tapSample.inside = within(top, tapSample.fraction.x, inHeight) && within(left, tapSample.fraction.y, inWidth);
  if (tapSample.inside) {
    tapSample.image = origin.x;
    tapSample.topLeft = ivec2(int(top), int(left));
  }
  return tapSample;
}
// True if a corner (0 to 3: top left, top right, bottom left, bottom right) is inside the image.
bool isPixel(Sample tapSample, int corner) {
  int y = tapSample.topLeft.x + (corner >> 1);
  int x = tapSample.topLeft.y + (corner & 1);
  return y >= 0 && y < inHeight && x >= 0 && x < inWidth;
}
int pixelOf(Sample tapSample, int corner) {
  return (tapSample.image * inHeight + tapSample.topLeft.x + (corner >> 1)) * inWidth + tapSample.topLeft.y + (corner & 1);
}
float modulationOf(int position, int s) {
  return modulated == 1 ? mask(position * offsetGroups * kernelHeight * kernelWidth + s) : 1.0;
}`;

/** Also needs the input `image`. */
export const READS = `
// Values of a channel at the corners; 0 for a corner outside the image.
vec4 cornersOf(Sample tapSample, int channel) {
  vec4 read = vec4(0.0);
  for (int corner = 0; corner < 4; corner++) {
    if (isPixel(tapSample, corner)) read[corner] = image(pixelOf(tapSample, corner) * inChannels + channel);
  }
  return read;
}
float bilinear(Sample tapSample, int channel) {
  return dot(cornerWeightsOf(tapSample), cornersOf(tapSample, channel));
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
