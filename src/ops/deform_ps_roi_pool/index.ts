import { regionOperator } from '../roi/descriptor.js';
import { DEFORM_PS_ROI_POOL, type DeformPsRoiPoolGeometry } from './kernels.js';
import { planDeformPsRoiPool } from './plan.js';

export const deformPsRoiPoolOp = regionOperator<DeformPsRoiPoolGeometry>({
  name: 'deformPsRoiPool',
  kernelNames: DEFORM_PS_ROI_POOL,
  kind: 'deformed',
  plan: planDeformPsRoiPool,
  form: {
    sampling: 'parts',
    numbers: ({ samplesPerPart, transStd }) => ({ samplesPerPart, transStd }),
    groups: ({ groupSize, partSize, classes }) => ({
      groups: [groupSize, groupSize],
      parts: [partSize, partSize],
      classes,
    }),
  },
});
