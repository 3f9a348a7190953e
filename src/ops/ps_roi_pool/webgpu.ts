/** psRoiPool on WebGPU. */
import { PIXEL_SAMPLING } from '../../webgpu/regions.js';
import { weightedKernels } from '../roi/webgpu.js';
import { PS_ROI_POOL } from './names.js';

export const { forward, backward } = weightedKernels(PS_ROI_POOL, {
  sampling: PIXEL_SAMPLING,
  uniforms: () => ({ inclusive: 0 }),
  groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
});
