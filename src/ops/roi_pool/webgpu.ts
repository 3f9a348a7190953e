/** roiPool on WebGPU. */
import { PIXEL_SAMPLING } from '../../webgpu/regions.js';
import { maximumKernels } from '../roi/webgpu.js';
import { ROI_POOL } from './names.js';

export const { forward, backward } = maximumKernels(ROI_POOL, {
  sampling: PIXEL_SAMPLING,
  uniforms: () => ({ inclusive: 1 }),
  groups: () => ({}),
});
