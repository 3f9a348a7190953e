/** psRoiAlign on WebGPU. */
import { ALIGNED_SAMPLING, alignedUniforms } from '../../webgpu/regions.js';
import type { SampledRoiGeometry } from '../roi/geometry.js';
import { weightedKernels } from '../roi/webgpu.js';
import { PS_ROI_ALIGN } from './names.js';

export const { forward, backward } = weightedKernels<SampledRoiGeometry>(PS_ROI_ALIGN, {
  sampling: ALIGNED_SAMPLING,
  uniforms: (g) => alignedUniforms(g, { aligned: true }),
  groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
});
