import { regionOperator } from '../roi/descriptor.js';
import type { RoiGeometry } from '../roi/geometry.js';
import { ROI_POOL } from './kernels.js';
import { planRoiPool } from './plan.js';

export const roiPoolOp = regionOperator<RoiGeometry>({
  name: 'roiPool',
  kernelNames: ROI_POOL,
  kind: 'maximum',
  plan: planRoiPool,
  form: {
    sampling: 'pixels',
    numbers: () => ({ inclusive: 1 }),
    groups: () => ({}),
  },
});
