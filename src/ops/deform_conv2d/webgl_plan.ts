/** Samples of a deformable convolution, worked out once for all channels, and how shaders read them. */
import type { WebGLCall } from '../../backends/webgl/adapter.js';
import { GEOMETRY } from '../../backends/webgl/geometry.js';
import type { Surface } from '../../backends/webgl/program.js';
import { shader } from '../../backends/webgl/shader.js';
import type { DeformGeometry } from './kernels.js';
import { SAMPLE, SAMPLED, SAMPLES, uniformsOf } from './webgl_samples.js';

/** Works out the samples once for all channels. */
export function planOf(call: WebGLCall, g: DeformGeometry): Surface {
  const plan = call.quads(g.batch * g.outHeight * g.outWidth * samplesOf(g));
  const inputs = { offset: call.input('offset'), mask: call.input('mask') };
  call.draw(planShader, { inputs, ints: uniformsOf(g), target: plan });
  return plan;
}

/** Number of samples of an output position. */
export function samplesOf({ offsetGroups, kernelHeight, kernelWidth }: DeformGeometry): number {
  return offsetGroups * kernelHeight * kernelWidth;
}

/** Offset y, offset x and mask of every sample, and 1 if it lies inside; all 0 otherwise. */
const planShader = shader(
  'texels',
  { offset: 'flat', mask: 'flat' },
  SAMPLED,
  `${SAMPLES}
vec4 value(int index) {
  int samples = offsetGroups * kernelHeight * kernelWidth;
  int position = quotient(index, samples);
  int s = index - position * samples;
  if (!sampleOf(position, s).inside) return vec4(0.0);
  return vec4(offset(2 * index), offset(2 * index + 1), modulationOf(position, s), 1.0);
}`,
);

/** Uniforms of the shaders that read the plan. */
export const PLANNED = [...GEOMETRY, 'offsetGroups', 'quads'] as const;

/** The sample of a planned tap that lies on a pixel (y, x). */
export const PLANNED_SAMPLE = `${SAMPLE}
Sample plannedSample(vec4 given, int imageIndex, ivec2 pixel) {
  vec2 floored = floor(given.xy);
  return Sample(given.w != 0.0, imageIndex, pixel + ivec2(floored), given.xy - floored);
}`;

/** Corners of a sample; needs the input `image` as quads. */
export const CORNERS = `
// Texels of a sample's corners in column 0 of the image's quads, and which of them lie inside the image.
struct Corners {
  ivec4 texels;
  bvec4 inside;
};
Corners cornersOf(Sample tapSample, int columns) {
  ivec2 start = tapSample.topLeft;
  ivec2 end = start + 1;
  ivec2 low = max(start, 0);
  ivec2 high = min(end, ivec2(inHeight, inWidth) - 1);
  ivec4 rows = (tapSample.image * inHeight + ivec4(low.xx, high.xx)) * inWidth;
  bvec4 within = bvec4(start.x >= 0, end.x < inHeight, start.y >= 0, end.y < inWidth);
  return Corners(
    (rows + ivec4(low.y, high.y, low.y, high.y)) * columns,
    bvec4(within.x && within.z, within.x && within.w, within.y && within.z, within.y && within.w)
  );
}
// Four channels at each corner; 0 for a corner outside the image, whatever its neighbours hold.
mat4 valuesAt(Corners corners, int column) {
  return mat4(
    corners.inside.x ? image(corners.texels.x + column) : vec4(0.0),
    corners.inside.y ? image(corners.texels.y + column) : vec4(0.0),
    corners.inside.z ? image(corners.texels.z + column) : vec4(0.0),
    corners.inside.w ? image(corners.texels.w + column) : vec4(0.0)
  );
}
vec4 bilinear(Sample tapSample, int column, int columns) {
  return valuesAt(cornersOf(tapSample, columns), column) * cornerWeightsOf(tapSample);
}`;
