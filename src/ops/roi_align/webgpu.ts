/** roiAlign on WebGPU. */
import { ALIGNED_SAMPLING, alignedUniforms } from '../../webgpu/regions.js';
import { weightedKernels } from '../roi/webgpu.js';
import { ROI_ALIGN, type RoiAlignGeometry } from './names.js';

export const { forward, backward } = weightedKernels<RoiAlignGeometry>(ROI_ALIGN, {
  sampling: ALIGNED_SAMPLING,
  uniforms: (g) => alignedUniforms(g, { aligned: g.aligned }),
  groups: () => ({}),
});
