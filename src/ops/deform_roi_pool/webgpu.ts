/** deformRoiPool on WebGPU. */
import { ALIGNED_SAMPLING, alignedUniforms } from '../../webgpu/regions.js';
import { weightedKernels } from '../roi/webgpu.js';
import { DEFORM_ROI_POOL, type DeformRoiPoolGeometry } from './names.js';

export const { forward, backward } = weightedKernels<DeformRoiPoolGeometry>(DEFORM_ROI_POOL, {
  sampling: ALIGNED_SAMPLING,
  uniforms: (g) => alignedUniforms(g, { aligned: true, gamma: g.gamma }),
  groups: ({ outHeight, outWidth }) => ({ parts: [outHeight, outWidth] }),
});
