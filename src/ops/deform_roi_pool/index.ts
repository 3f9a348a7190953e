import { regionOperator } from '../roi/descriptor.js';
import { alignedNumbers } from '../roi/form.js';
import { DEFORM_ROI_POOL, type DeformRoiPoolGeometry } from './kernels.js';
import { planDeformRoiPool } from './plan.js';

export const deformRoiPoolOp = regionOperator<DeformRoiPoolGeometry>({
  name: 'deformRoiPool',
  kernelNames: DEFORM_ROI_POOL,
  kind: 'deformed',
  plan: planDeformRoiPool,
  form: {
    sampling: 'aligned',
    numbers: (g) => alignedNumbers(g, { aligned: true, gamma: g.gamma }),
    groups: ({ outHeight, outWidth }) => ({ parts: [outHeight, outWidth] }),
  },
});
