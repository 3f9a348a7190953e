/** Sampling locations and samples of a deformable convolution, as GLSL functions for its shaders. */
import { GEOMETRY, ORIGIN } from '../../backends/webgl/geometry.js';
import type { DeformGeometry } from './kernels.js';

/** Uniforms of every shader that samples. */
export const SAMPLED = [...GEOMETRY, 'offsetGroups', 'modulated'] as const;

/** Uniforms of a geometry: its fields, with the flag as 0 or 1. */
export function uniformsOf(g: DeformGeometry) {
  return { ...g, modulated: g.modulated ? 1 : 0 };
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
float modulationOf(int position, int s) {
  return modulated == 1 ? mask(position * offsetGroups * kernelHeight * kernelWidth + s) : 1.0;
}`;
