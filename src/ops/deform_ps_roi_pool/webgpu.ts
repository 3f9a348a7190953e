/** deformPsRoiPool on WebGPU. */
import { PART_SAMPLING } from '../../webgpu/regions.js';
import { weightedKernels } from '../roi/webgpu.js';
import { DEFORM_PS_ROI_POOL, type DeformPsRoiPoolGeometry } from './names.js';

export const { forward, backward } = weightedKernels<DeformPsRoiPoolGeometry>(DEFORM_PS_ROI_POOL, {
  sampling: PART_SAMPLING,
  uniforms: ({ samplesPerPart, transStd }) => ({ samplesPerPart, transStd }),
  groups: ({ groupSize, partSize, classes }) => ({
    groups: [groupSize, groupSize],
    parts: [partSize, partSize],
    classes,
  }),
});
