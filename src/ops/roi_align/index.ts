import { regionOperator } from '../roi/descriptor.js';
import { alignedNumbers } from '../roi/form.js';
import { ROI_ALIGN, type RoiAlignGeometry } from './kernels.js';
import { planRoiAlign } from './plan.js';

export const roiAlignOp = regionOperator<RoiAlignGeometry>({
  name: 'roiAlign',
  kernelNames: ROI_ALIGN,
  kind: 'linear',
  plan: planRoiAlign,
  form: {
    sampling: 'aligned',
    numbers: (g) => alignedNumbers(g, { aligned: g.aligned }),
    groups: () => ({}),
  },
});
