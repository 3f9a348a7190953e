import { regionOperator } from '../roi/descriptor.js';
import type { RoiGeometry } from '../roi/geometry.js';
import { PS_ROI_POOL } from './kernels.js';
import { planPsRoiPool } from './plan.js';

export const psRoiPoolOp = regionOperator<RoiGeometry>({
  name: 'psRoiPool',
  kernelNames: PS_ROI_POOL,
  kind: 'linear',
  plan: planPsRoiPool,
  form: {
    sampling: 'pixels',
    numbers: () => ({ inclusive: 0 }),
    groups: ({ outHeight, outWidth }) => ({ groups: [outHeight, outWidth] }),
  },
});
